/**
 * Following one mail: the events of its life, as the log tells them, put together by mail, so that an operator can ask what became of
 * it. From memory, which holds the latest mails, and from log files, which hold those before. It knows nothing of the spool.
 */
@NullMarked
package io.smtpdup.trace;

import org.jspecify.annotations.NullMarked;
