"""The mails of the bench: each has an id that says its size, and octets that follow from the id alone.

So every server can tell by itself whether what it got is what was sent, and nobody has to keep 100,000 mails.
"""
import functools

LINES = b"".join((b"." if n % 7 == 0 else b"") + b"%06d " % n + b"x" * 60 + b"\r\n" for n in range(1000))


def mail_id(prefix, number, size):
    return "%s-%d-%d" % (prefix, number, size)


def size_of(ident):
    return int(ident.rsplit("-", 1)[1])


def content(ident):
    """The message's octets, dots not stuffed."""
    head = b"From: <a@client.example>\r\nTo: <b@dest.example>\r\nSubject: %s\r\n\r\n" % ident.encode()
    return head + body(max(2, size_of(ident) - len(head)))


def stuffed(ident):
    """The same, as it goes over the wire, with the final dot."""
    return content(ident).replace(b"\r\n.", b"\r\n..") + b".\r\n"


def unstuff(octets):
    return octets.replace(b"\r\n..", b"\r\n.")


@functools.lru_cache(maxsize=256)
def body(size):
    filler = (LINES * (size // len(LINES) + 1))[:size - 2]
    if filler.endswith(b"\r"):
        filler = filler[:-1] + b"x"
    return filler + b"\r\n"
