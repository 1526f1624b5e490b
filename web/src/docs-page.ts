// The API's description to read and try, by Swagger UI.
import './styles/docs.css';
import { load } from './load';

declare const SwaggerUIBundle: (options: Record<string, unknown>) => unknown;

await Promise.all([load(vendored.swagger), load(vendored.swaggerStyle)]);
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true, docExpansion: 'list' });

export {};
