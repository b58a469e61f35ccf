"""All that speaks for and against one flag: figures, tables and sentences from the element sets, ready to be shown."""
