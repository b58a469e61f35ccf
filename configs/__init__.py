"""Every knob of burnwatch: one strict pydantic section per room, and the YAML that fills it."""
