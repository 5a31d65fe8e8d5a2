/**
 * The words of the network that settings, listener and delivery share: where a server is, which networks clients come
 * from, how a connection is protected. Each is a value that checks itself; nothing in here opens a socket.
 */
@NullMarked
package io.smtpdup.net;

import org.jspecify.annotations.NullMarked;
