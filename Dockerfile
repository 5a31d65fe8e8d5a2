# The relay in a container: https://github.com/opencontainers/image-spec labels, a user of its own, nothing to write but
# the spool and /tmp. Build it with
#
#   docker build -t smtp-duplicator .
#
# Layers, from what changes rarely to what changes often: Java, the libraries, then our jar, the routes, and what Java has learned
# of all of it, which is most of the last one.

ARG BUILD_IMAGE=docker.io/library/eclipse-temurin:25-jdk-noble
ARG RUN_IMAGE=docker.io/library/eclipse-temurin:25-jre-noble


# Jars are the same for every platform, so they are made on the one that builds.
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS libraries
WORKDIR /build
COPY mvnw pom.xml ./
COPY .mvn .mvn
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw -B -ntp -q dependency:copy-dependencies@lib

FROM libraries AS program
COPY . .
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw -B -ntp -q -DskipTests package


FROM ${RUN_IMAGE}
RUN mkdir -p /etc/smtp-duplicator /var/lib/smtp-duplicator \
    && echo 'smtp-duplicator:x:10001:10001::/var/lib/smtp-duplicator:/usr/sbin/nologin' >> /etc/passwd \
    && echo 'smtp-duplicator:x:10001:' >> /etc/group \
    && chown 10001:10001 /var/lib/smtp-duplicator && chmod 700 /var/lib/smtp-duplicator

WORKDIR /opt/smtp-duplicator
COPY --from=libraries /build/target/lib lib/

# Where the operator's files are, and what is different in a container. A setting in the environment wins over
# application.properties.
WORKDIR /etc/smtp-duplicator
ENV PATH=/opt/smtp-duplicator/bin:$PATH \
    SMTP_DUP_SMTP_LISTEN=0.0.0.0:2525 \
    SMTP_DUP_SPOOL_DIRECTORY=/var/lib/smtp-duplicator
COPY routes routes/
COPY application.properties ./
COPY src/dist/bin/smtp-duplicator /opt/smtp-duplicator/bin/
COPY LICENSE /opt/smtp-duplicator/
COPY --from=program /build/target/THIRD-PARTY.txt /build/target/smtp-duplicator.jar /opt/smtp-duplicator/
RUN smtp-duplicator --archive

USER 10001:10001
EXPOSE 2525 9876
VOLUME ["/etc/smtp-duplicator/routes", "/var/lib/smtp-duplicator"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["smtp-duplicator", "health"]
ENTRYPOINT ["/opt/smtp-duplicator/bin/smtp-duplicator"]

ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="SMTP Duplicator" \
      org.opencontainers.image.description="Relays every mail to a primary server, whose answer the client hears, and gives a copy to every backup" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION
