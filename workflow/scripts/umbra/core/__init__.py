"""What knows no physics of a search: files, random numbers, kinematics, machines, events, variables."""
