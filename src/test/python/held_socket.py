#!/usr/bin/env python3
"""Holds a listening socket, as systemd does, and starts programs that have it as their standard input.

    held_socket.py hold PORT DOOR         listens on 127.0.0.1:PORT until its own input ends, and gives the socket to who comes to DOOR
    held_socket.py run DOOR PROGRAM ...   becomes the program
"""
import os
import select
import socket
import sys


def hold(port, door):
    listening = socket.create_server(("127.0.0.1", port), backlog=500)
    with socket.socket(socket.AF_UNIX) as askers:
        askers.bind(door)
        askers.listen()
        print("holding", flush=True)
        while sys.stdin not in select.select([sys.stdin, askers], [], [])[0]:
            asker, _ = askers.accept()
            with asker:
                socket.send_fds(asker, [b"."], [listening.fileno()])


def run(door, program):
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(door)
        listening = socket.recv_fds(asking, 1, 1)[1][0]
    os.dup2(listening, 0)
    os.close(listening)
    os.execvp(program[0], program)


if sys.argv[1] == "hold":
    hold(int(sys.argv[2]), sys.argv[3])
else:
    run(sys.argv[2], sys.argv[3:])
