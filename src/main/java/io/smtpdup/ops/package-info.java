/**
 * What an operator can read: the log of each mail's life, what is counted, and the last words of a process that must be started
 * again. Any room may write here; nothing in here knows who does.
 */
@NullMarked
package io.smtpdup.ops;

import org.jspecify.annotations.NullMarked;
