// Mercurius with compiled queries and its cache of answers, over the tables of a published draw:
// node mercurius.mjs <database-url> <city> <draw> <category> <port>
import Fastify from 'fastify'
import mercurius from 'mercurius'
import cache from 'mercurius-cache'
import pg from 'pg'

const [url, city, draw, category, port] = process.argv.slice(2)

const schema = `
  type Query { result(period: String!, code: String!): Result }
  type Result {
    period: String! code: String! draw: String! category: String!
    weight: Int! rank: String serial: String score: String isWinner: Boolean
  }`

// One statement, prepared once a connection.
const name = 'result'
const text = `
  SELECT e.weight, p.place_rank AS rank, p.serial, encode(p.score, 'hex') AS score,
         p.is_winner AS "isWinner"
  FROM pool_entry e
  LEFT JOIN placement p ON p.city_id = e.city_id AND p.draw_id = e.draw_id
    AND p.category = e.category AND p.code = e.code
  WHERE e.city_id = $1 AND e.draw_id = $2 AND e.category = $3 AND e.code = $4`

const pool = new pg.Pool({ connectionString: url, max: 32 })
const resolvers = {
  Query: {
    async result(_, { period, code }) {
      const { rows } = await pool.query({ name, text, values: [city, draw, category, code] })
      return rows[0] ? { period, code, draw, category, ...rows[0] } : null
    }
  }
}

const app = Fastify()
app.register(mercurius, { schema, resolvers, jit: 1 })
app.register(cache, { ttl: 60, policy: { Query: { result: true } } })
await app.listen({ host: '127.0.0.1', port: Number(port) })
