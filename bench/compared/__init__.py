"""What compare.py is made of: the contestants, the traffic, and what the machine says of both."""
