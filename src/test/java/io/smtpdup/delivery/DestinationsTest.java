package io.smtpdup.delivery;

import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What is known of servers over a reload, while the routes of before still end. */
class DestinationsTest {

    private static final String SERVER = "server.example:25";

    private final Destinations before = new Destinations(Map.of(SERVER, "primary"));

    private final DestinationWatch earlier = before.of(SERVER);

    @Test
    void countsOnWhatAServerDoesNotTake() {
        earlier.refused(true);
        DestinationWatch later = new Destinations(Map.of(SERVER, "primary"), before).of(SERVER);
        earlier.refused(true);
        later.refused(false);

        assertThat(later.takesNoneSince(3)).isNotNull().isEqualTo(earlier.takesNoneSince(3));

        earlier.delivered(1);

        assertThat(later.takesNoneSince(1)).isNull();
    }

    @Test
    void doNotTakeAnotherRoleForThis() {
        earlier.refused(true);

        DestinationWatch later = new Destinations(Map.of(SERVER, "backup"), before).of(SERVER);
        earlier.refused(true);

        assertThat(later.takesNoneSince(1)).isNull();
        assertThat(later.role()).isEqualTo("backup");
    }
}
