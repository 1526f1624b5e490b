// Where the files of vendored.mjs are served; written in by the build.
declare const vendored: Record<'viewer3d' | 'swagger' | 'swaggerStyle' | 'redoc' | 'licences', string>;
