/**
 * What a mail is made of, independent of who receives or sends it: its envelope, its id, its octets with their checksum, the
 * replies it gets, and the trace field we add; how all that travels on an exchange, and whom the listener may ask about it; and what
 * all rooms need for it, host names, a clock that nobody sets and files that nobody else reads. Nothing in here opens a socket or
 * knows a route.
 */
@NullMarked
package io.smtpdup.message;

import org.jspecify.annotations.NullMarked;
