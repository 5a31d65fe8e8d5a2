#!/bin/sh
# The commands of the service's relay: smtp-duplicator queue, dead list, --check, ... install.sh puts it into /usr/local/bin, and the
# Debian package into /usr/bin.
set -a
[ ! -r /etc/default/smtp-duplicator ] || . /etc/default/smtp-duplicator
SMTP_DUP_SPOOL_DIRECTORY=${SMTP_DUP_SPOOL_DIRECTORY:-/var/lib/smtp-duplicator}
SMTP_DUP_DIRECTORY=${SMTP_DUP_DIRECTORY:-/etc/smtp-duplicator}
set +a
case " $* " in
    *" --check "*)
        # As the service: what it can read, and no file of root's in its spool.
        if [ "$(id -u)" -eq 0 ]; then
            exec runuser -u smtp-duplicator -- /opt/smtp-duplicator/bin/smtp-duplicator "$@"
        fi
        ;;
esac
exec /opt/smtp-duplicator/bin/smtp-duplicator "$@"
