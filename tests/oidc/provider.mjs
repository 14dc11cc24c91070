// A certified OpenID provider on loopback: node provider.mjs '{"port": 9000, "client": {…}, "verified": ["an"]}'.
// Whoever signs in by a name is that account; what it tells comes by userinfo, as the standard has it, not in the token.
import { Provider } from 'oidc-provider';

const { port, client, verified } = JSON.parse(process.argv[2]);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client],
  claims: { openid: ['sub'], profile: ['preferred_username', 'name'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      preferred_username: id,
      name: 'Nguyễn Văn An',
      email: `${id}@example.vn`,
      email_verified: verified.includes(id),
    }),
  }),
});
provider.listen(port, '127.0.0.1', () => console.log('ready'));
