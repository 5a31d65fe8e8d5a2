/**
 * The switch of primary and backup, and the way back: what to look at before it ({@link io.smtpdup.cutover.Preflight}), who is the primary
 * since when and why ({@link io.smtpdup.cutover.PrimaryHistory}), and whether to go back after it ({@link io.smtpdup.cutover.Bake}). It
 * judges and remembers; who asks servers, writes settings and reloads is told from outside.
 */
@NullMarked
package io.smtpdup.cutover;

import org.jspecify.annotations.NullMarked;
