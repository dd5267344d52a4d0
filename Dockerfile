# The platform, every role of it: `docker run millrace serving`. See docker-compose.yml.
FROM node:20-bookworm AS build
WORKDIR /millrace
COPY . .
# The native Kafka client is downloaded, or compiled with what this image has.
RUN apt-get update && apt-get install -y --no-install-recommends libzstd-dev libssl-dev zlib1g-dev libcurl4-openssl-dev libsasl2-dev \
 && npm ci --omit=dev && npm run kafka:install

FROM node:20-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libzstd1 libssl3 zlib1g libcurl4 libsasl2-2 \
 && rm -rf /var/lib/apt/lists/* && mkdir /data && chown node:node /data
COPY --from=build --chown=node:node /millrace /millrace
WORKDIR /millrace
USER node
ENV NODE_ENV=production MILLRACE_DATA=/data HOST=0.0.0.0
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then((it) => process.exit(it.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "cli/millrace.cjs"]
CMD ["run"]
