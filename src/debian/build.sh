#!/bin/sh
# Makes the Debian package of a built tarball, and lays it beside it: smtp-duplicator_<version>_all.deb.
#
#   build.sh target/smtp-duplicator-<version>.tar.gz
#
# What is in the package is what is in the tarball, at the places where Debian wants it; units and commands are those of
# deploy/systemd with other paths. The same tarball always gives the same octets: times are those in it. Needs dpkg-deb.
set -eu
umask 022

fail() { echo "build.sh: $*" >&2; exit 1; }

[ $# -eq 1 ] || fail "usage: build.sh smtp-duplicator-<version>.tar.gz"
here=$(CDPATH='' cd -- "$(dirname "$0")" && pwd -P)
target=$(CDPATH='' cd -- "$(dirname "$1")" && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -C "$work" -xzf "$1"
from=$(echo "$work"/smtp-duplicator-*)
[ -e "$from/smtp-duplicator.jar" ] || fail "$1 is not a smtp-duplicator-<version>.tar.gz"
# 1.2.3-rc1 and 1.2.3-SNAPSHOT come before 1.2.3.
version=$(basename "$from" | sed 's/^smtp-duplicator-//; s/-/~/g')-1
SOURCE_DATE_EPOCH=$(stat -c %Y "$from/smtp-duplicator.jar")
export SOURCE_DATE_EPOCH

root=$work/root
home=$root/usr/share/smtp-duplicator
doc=$root/usr/share/doc/smtp-duplicator
units=$root/usr/lib/systemd/system
etc=$root/etc/smtp-duplicator
mkdir -p "$root/DEBIAN" "$home" "$doc" "$units" "$etc" "$root/etc/default" "$root/usr/bin" "$root/usr/share/lintian/overrides"

# With Debian's paths instead of those of install.sh
elsewhere() {
    sed -e 's|/opt/smtp-duplicator/docs|/usr/share/doc/smtp-duplicator/docs|g; s|/opt/smtp-duplicator|/usr/share/smtp-duplicator|g' \
        -e 's|; install\.sh puts it into /etc/systemd/system||' "$1" >"$2"
}

# The program
cp -R "$from/bin" "$from/lib" "$from/smtp-duplicator.jar" "$home/"
ln -s ../../local/share/smtp-duplicator/ext "$home/ext"
ln -s /var/cache/smtp-duplicator "$home/archive"
elsewhere "$from/deploy/systemd/smtp-duplicator.sh" "$root/usr/bin/smtp-duplicator"
chmod 0755 "$root/usr/bin/smtp-duplicator"
names=
for unit in "$from"/deploy/systemd/*.service "$from"/deploy/systemd/*.socket; do
    [ -e "$unit" ] || continue
    elsewhere "$unit" "$units/$(basename "$unit")"
    names="$(basename "$unit") $names"
done

# What is the operator's
cp -R "$from/routes" "$from/application.properties" "$etc/"
cp "$here/default" "$root/etc/default/smtp-duplicator"

# What people read
cp -R "$from/docs" "$from/examples" "$doc/"
mkdir "$doc/deploy"
for example in "$from"/deploy/*; do
    case $(basename "$example") in systemd) ;; *) cp -R "$example" "$doc/deploy/" ;; esac
done
cp "$from/README.md" "$from/SECURITY.md" "$from/THIRD-PARTY.txt" "$doc/"
cp "$here/copyright" "$doc/copyright"
gzip -9nc "$from/CHANGELOG.md" >"$doc/changelog.gz"
{
    echo "smtp-duplicator ($version) unstable; urgency=medium"
    printf '\n  * %s\n\n' "See /usr/share/doc/smtp-duplicator/changelog.gz."
    echo " -- The SMTP Duplicator project <smtp-duplicator@users.noreply.github.com>  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9nc >"$doc/changelog.Debian.gz"
cp "$here/lintian-overrides" "$root/usr/share/lintian/overrides/smtp-duplicator"

# Where the tarball has them
if [ -d "$from/man/man1" ]; then
    mkdir -p "$root/usr/share/man/man1"
    for page in "$from"/man/man1/*.1; do gzip -9nc "$page" >"$root/usr/share/man/man1/$(basename "$page").gz"; done
fi
if [ -e "$from/completion/smtp-duplicator.bash" ]; then
    install -D -m 0644 "$from/completion/smtp-duplicator.bash" "$root/usr/share/bash-completion/completions/smtp-duplicator"
fi
if [ -e "$from/completion/_smtp-duplicator" ]; then
    install -D -m 0644 "$from/completion/_smtp-duplicator" "$root/usr/share/zsh/vendor-completions/_smtp-duplicator"
fi

# What dpkg reads
(cd "$root" && find etc -type f | LC_ALL=C sort | sed 's|^|/|') >"$root/DEBIAN/conffiles"
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
sed -e "s/@VERSION@/$version/; s/@SIZE@/$(du -sk --apparent-size "$root" | cut -f 1)/" "$here/control" >"$root/DEBIAN/control"
for script in preinst postinst prerm postrm; do
    sed -e "s/@UNITS@/${names% }/" "$here/$script" >"$root/DEBIAN/$script"
    chmod 0755 "$root/DEBIAN/$script"
done
chmod -R u=rwX,go=rX "$root"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
# The jars are compressed already.
dpkg-deb --root-owner-group -Zgzip --build "$root" "$target/smtp-duplicator_${version}_all.deb" >/dev/null
echo "$target/smtp-duplicator_${version}_all.deb"
