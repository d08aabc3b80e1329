// Fastify, with schemas for what it parses and serialises, as its documentation advises.
//
//   node server.js [THREADS] [EXTRA]      prints its address and ends when its standard input does; one thread always
'use strict'

const app = require('fastify')({ logger: false })
const extra = Number(process.argv[3] ?? 0)

app.get('/hello', async (request, reply) => reply.type('text/plain; charset=utf-8').send('Hello, World!'))

const post = { params: { type: 'object', properties: { id: { type: 'integer' }, post: { type: 'string' } } } }
app.get('/users/:id/posts/:post', { schema: post }, async ({ params }) => `post ${params.post} of user ${params.id}`)

const search = {
  querystring: {
    type: 'object',
    properties: { q: { type: 'string' }, page: { type: 'integer', default: 1 } },
    required: ['q']
  }
}
app.get('/search', { schema: search }, async ({ query }) => `page ${query.page} of ${query.q}`)

const user = {
  response: {
    200: {
      type: 'object',
      properties: { id: { type: 'integer' }, name: { type: 'string' }, email: { type: 'string' } }
    }
  }
}
app.get('/user', { schema: user }, async () => ({ id: 7, name: 'Ada Lovelace', email: 'ada@example.org' }))

const line = {
  type: 'object',
  properties: { name: { type: 'string' }, count: { type: 'integer', minimum: 0 }, price: { type: 'number' } },
  required: ['name', 'count', 'price']
}
const order = {
  body: { type: 'object', properties: { lines: { type: 'array', items: line } }, required: ['lines'] }
}
app.post('/orders', { schema: order }, async ({ body }) => {
  let total = 0
  let letters = 0
  for (const { name, count, price } of body.lines) {
    total += count * price
    letters += Buffer.byteLength(name)
  }
  return `${total.toFixed(2)} ${letters}`
})

for (let n = 0; n < extra; n++) {
  app.get(`/extra/${n}/:id`, async ({ params }) => params.id)
}

app.listen({ host: '127.0.0.1', port: 0 }).then(() => {
  console.log(`127.0.0.1:${app.server.address().port}`)
  process.stdin.on('end', () => process.exit(0)).resume()
})
