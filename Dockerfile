# Built with `docker build -t kriged .`; `docker run -p 5001:5001 kriged` serves the example model,
# and `-v ./models:/models:ro` a folder of one's own.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its install script here: that of `node` fetches the Node.js that the image already is.
RUN npm ci --ignore-scripts
COPY nest-cli.json rolldown.config.ts tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Kriged" \
      org.opencontainers.image.description="Trained numerical models behind an HTTP API" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production MODELS_DIR=/models DATA_DIR=/data
# OpenBLAS is found and used by itself (BLAS=auto).
RUN apt-get update \
 && apt-get install -y --no-install-recommends libopenblas0-pthread \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY --from=build /app/dist ./dist
COPY models/example.pkl /models/
# Jobs and their files: kept where a volume is mounted here, `-v kriged-data:/data`.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 5001
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 5001}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# A small young generation: what a large request leaves behind is collected sooner and more cheaply.
CMD ["node", "--max-semi-space-size=2", "dist/main.js"]
