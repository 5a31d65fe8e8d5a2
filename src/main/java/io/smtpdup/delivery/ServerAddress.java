package io.smtpdup.delivery;

/**
 * The {@code [user[:password]@]host[:port]} of an endpoint. Not read by {@link java.net.URI}, for which a host with an
 * underscore is no host.
 *
 * @param host IPv6 without brackets
 * @param port -1 when not given
 */
record ServerAddress(String user, String password, String host, int port) {

    /** @throws IllegalArgumentException when there is no host, or a port that is none */
    static ServerAddress parse(String text) {
        String rest = text.replaceAll("^/+|/+$", "");
        int at = rest.lastIndexOf('@');
        String user = at < 0 ? null : rest.substring(0, at);
        rest = rest.substring(at + 1);
        int portColon = rest.lastIndexOf(':');
        if (rest.startsWith("[")) {
            portColon = rest.indexOf("]:") < 0 ? -1 : rest.indexOf("]:") + 1;
        } else if (portColon != rest.indexOf(':')) {
            portColon = -1; // an IPv6 address without brackets, and so without a port
        }
        String host = portColon < 0 ? rest : rest.substring(0, portColon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isBlank()) {
            throw new IllegalArgumentException("no host in " + rest);
        }
        int passwordColon = user == null ? -1 : user.indexOf(':');
        return new ServerAddress(
                passwordColon < 0 ? user : user.substring(0, passwordColon),
                passwordColon < 0 ? null : user.substring(passwordColon + 1),
                host,
                portColon < 0 ? -1 : port(rest.substring(portColon + 1)));
    }

    private static int port(String text) {
        if (!text.matches("\\d{1,5}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > 65535) {
            throw new IllegalArgumentException("not a port: " + text);
        }
        return Integer.parseInt(text);
    }

    /** Host and port, IPv6 in brackets. */
    static String show(String host, int port) {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return show(host, port);
    }
}
