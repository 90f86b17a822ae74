# The production server in an image that holds nothing else.
#
#   docker build --tag alyx .
#   docker run --publish 8090:8090 --volume "$PWD:/project" --env ALYX_ADMIN_TOKEN alyx
#
# The server runs as user 65532, who must be able to write to the project's data folder (alyx_data).

FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev gcc make
WORKDIR /source
COPY . .
RUN cargo build --locked --release --package alyx-server && mkdir /empty

FROM scratch
COPY --from=build /source/target/release/alyx-server /alyx-server
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /empty /project
COPY --from=build --chown=65532:65532 /empty /tmp
USER 65532:65532
WORKDIR /project
ENV ALYX_SERVER_HOST=0.0.0.0
EXPOSE 8090
ENTRYPOINT ["/alyx-server"]
