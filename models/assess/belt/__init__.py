"""The geosynchronous belt: phases of each object's life, whom a moving one comes to, who stands beside whom."""
