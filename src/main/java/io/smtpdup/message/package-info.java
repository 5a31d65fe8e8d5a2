/**
 * What a mail is made of, independent of who receives or sends it: its envelope, its id, the replies it gets, and the
 * trace field we add. Nothing in here opens a socket or knows a route.
 */
package io.smtpdup.message;
