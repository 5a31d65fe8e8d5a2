#!/bin/sh
# Installs the unpacked tarball that it lies in as the systemd service smtp-duplicator, or upgrades to it:
#
#   /opt/smtp-duplicator-<version>   the program; /opt/smtp-duplicator is a link to the one that runs
#   /etc/smtp-duplicator             routes/ and application.properties, yours: what is there stays as it is, and a newer
#                                    file that differs is put beside it as *.new
#   /etc/default/smtp-duplicator     JAVA_HOME, JAVA_OPTS
#   /var/lib/smtp-duplicator         the spool
#   /usr/local/bin/smtp-duplicator   the commands (queue, dead, ...), with the settings of /etc/smtp-duplicator
#   /usr/local/share                 man pages, and completion for bash and zsh
#
#   install.sh             installs; starts nothing, and restarts nothing
#   install.sh --socket HOST:PORT
#                          the same, and has systemd hold the listening socket, with smtp.listen's address: clients wait during a
#                          restart and are not refused. It comes into force with: systemctl stop smtp-duplicator;
#                          systemctl enable --now smtp-duplicator.socket; systemctl start smtp-duplicator
#   install.sh --remove    takes program, unit and command away; leaves /etc, the spool and the user
set -eu

here=$(CDPATH='' cd -- "$(dirname "$0")/../.." && pwd -P)
etc=/etc/smtp-duplicator
unit=/etc/systemd/system/smtp-duplicator.service
socket=/etc/systemd/system/smtp-duplicator.socket
listen=
user=smtp-duplicator
man=/usr/local/share/man/man1
completion_bash=/usr/local/share/bash-completion/completions/smtp-duplicator
completion_zsh=/usr/local/share/zsh/site-functions/_smtp-duplicator

say() { echo "install.sh: $*"; }
fail() { echo "install.sh: $*" >&2; exit 1; }

# Whether there is a systemd that runs, and not only its files, as in an image that is being built.
systemd_runs() { [ -d /run/systemd/system ]; }

remove() {
    if systemd_runs; then systemctl disable --now smtp-duplicator.socket smtp-duplicator 2>/dev/null || true; fi
    rm -f "$unit" "$socket" "$socket.d/listen.conf"
    rm -f /usr/local/bin/smtp-duplicator "$completion_bash" "$completion_zsh" "$man"/smtp-duplicator*.1
    rmdir "$socket.d" 2>/dev/null || true
    if systemd_runs; then systemctl daemon-reload; fi
    rm -rf /opt/smtp-duplicator /opt/smtp-duplicator-[0-9]*
    say "removed; $etc, /var/lib/smtp-duplicator with the spool, and the user $user are still there"
}

# Puts a file of ours beside one of the operator's, or in its place when there is none.
offer() {
    if ! [ -e "$2" ]; then
        install -m 0640 -o root -g "$user" "$1" "$2"
    elif ! cmp -s "$1" "$2"; then
        install -m 0640 -o root -g "$user" "$1" "$2.new"
        say "$2 stays as it is; the new one is $2.new"
    fi
}

[ "$(id -u)" -eq 0 ] || fail "must be root"
case ${1:-} in
    '') ;;
    --remove) remove; exit ;;
    --socket) listen=${2:?install.sh: --socket needs HOST:PORT} ;;
    *) echo "usage: install.sh [--remove | --socket HOST:PORT]" >&2; exit 2 ;;
esac
[ -e "$here/smtp-duplicator.jar" ] || fail "$here is not an unpacked smtp-duplicator-<version>.tar.gz"
if [ -e /etc/default/smtp-duplicator ]; then
    # shellcheck source=/dev/null
    . /etc/default/smtp-duplicator
    export JAVA_HOME
fi
version=$("$here/bin/smtp-duplicator" --version | sed -n '1s/^smtp-duplicator //p') || true
[ -n "$version" ] || fail "the program does not start: is there a Java, 17 or newer?"
home=/opt/smtp-duplicator-$version

if ! id "$user" >/dev/null 2>&1; then
    useradd --system --user-group --home-dir /var/lib/smtp-duplicator --shell /usr/sbin/nologin "$user"
fi

if [ "$here" != "$home" ]; then
    # What a relay has not loaded yet it would not find any more. Another version has a directory of its own.
    if systemd_runs && systemctl is-active --quiet smtp-duplicator && [ "$(readlink -f /opt/smtp-duplicator)" = "$home" ]; then
        fail "$version is running from $home: systemctl stop smtp-duplicator first"
    fi
    rm -rf "$home.installing"
    cp -R "$here" "$home.installing"
    chown -R root:root "$home.installing"
    chmod -R u=rwX,go=rX "$home.installing"
    rm -rf "$home"
    mv "$home.installing" "$home"
fi
ln -sfn "$home" /opt/smtp-duplicator
# Only a quicker start, so no reason to fail.
say "a minute for this Java to get to know the relay"
"$home/bin/smtp-duplicator" --archive >/dev/null 2>&1 || say "no archive for this Java: starts take a second longer"

install -d -m 0750 -o root -g "$user" "$etc" "$etc/routes"
for route in "$home"/routes/*.yaml; do
    # The failure path of an earlier version is in the operator's own 30-backup, and must not be there twice.
    if [ "$(basename "$route")" = 40-undelivered.camel.yaml ] && ! [ -e "$etc/routes/40-undelivered.camel.yaml" ] \
        && grep -qs 'id: undelivered-copies$' "$etc"/routes/*.yaml; then
        say "$etc/routes has the failure path in a file of its own already; $route stays where it is"
        continue
    fi
    offer "$route" "$etc/routes/$(basename "$route")"
done
offer "$home/application.properties" "$etc/application.properties"
if ! [ -e /etc/default/smtp-duplicator ]; then
    {
        echo "# For the service smtp-duplicator."
        echo "${JAVA_HOME:+JAVA_HOME=$JAVA_HOME}"
        echo "#JAVA_OPTS=-Xmx512m"
    } >/etc/default/smtp-duplicator
fi

install -D -m 0755 "$home/deploy/systemd/smtp-duplicator.sh" /usr/local/bin/smtp-duplicator
rm -f "$man"/smtp-duplicator*.1 # a command may have had another name
for page in "$home"/man/man1/*.1; do
    install -D -m 0644 "$page" "$man/$(basename "$page")"
done
install -D -m 0644 "$home/completion/smtp-duplicator.bash" "$completion_bash"
install -D -m 0644 "$home/completion/_smtp-duplicator" "$completion_zsh"
install -D -m 0644 "$home/deploy/systemd/smtp-duplicator.service" "$unit"
install -D -m 0644 "$home/deploy/systemd/smtp-duplicator.socket" "$socket"
if [ -n "$listen" ]; then
    install -d -m 0755 "$socket.d"
    printf '[Socket]\nListenStream=\nListenStream=%s\n' "$listen" >"$socket.d/listen.conf"
fi
if systemd_runs; then systemctl daemon-reload; fi

say "smtp-duplicator $version is installed. Next:"
say "  1. set relay.destination_primary and the other settings in $etc/application.properties"
say "  2. smtp-duplicator --check"
say "  3. systemctl enable --now smtp-duplicator, or after an upgrade: systemctl restart smtp-duplicator"
