/**
 * Whether a backup does what the primary does: what both said about each recipient of each mail is compared by its meaning, and
 * counted, kept and judged, so that an administrator knows before the switch. It is told what was said, by
 * {@link io.smtpdup.agreement.Agreement#record}; it asks no server, and no mail ever waits for it.
 */
@NullMarked
package io.smtpdup.agreement;

import org.jspecify.annotations.NullMarked;
