"""Where element sets come from: files, CelesTrak, Space-Track."""
