package io.smtpdup.page;

import java.util.List;

/**
 * What stands around every page.
 *
 * @param here the path of the page that is shown, for the navigation
 * @param note what is said about the change before; null for none
 * @param refreshes whether the page keeps itself up to date
 * @param fields whether somebody may be filling in something, which loading the page anew would undo
 * @param refreshLink the same page, with that switched over; null where it never does
 * @param form the secret of the forms; null where nobody is logged in
 * @param session whether there is one that can be ended
 * @param time when the page was made
 */
record Layout(String title, String here, Notes.Note note, boolean refreshes, boolean fields, String refreshLink, String form, boolean session, String time) {

    /** Where somebody can go from everywhere. */
    record Place(String path, String name) {
    }

    static final List<Place> PLACES = List.of(
            new Place("/", "Overview"),
            new Place("/page/mails", "Mails"),
            new Place("/page/dead", "Dead letters"),
            new Place("/page/agreement", "Agreement"),
            new Place("/page/cutover", "Switch"),
            new Place("/page/settings", "Settings"));

    /** As a template compares it. */
    boolean isHere(Place place) {
        return place.path.equals(here);
    }
}
