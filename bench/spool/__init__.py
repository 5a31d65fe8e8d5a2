"""The parts of spoolbench.py."""
