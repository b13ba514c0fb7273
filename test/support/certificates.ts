import { generate } from 'selfsigned';

/** A certificate with its private key, PEM. */
export interface Identity {
  cert: string;
  key: string;
}

/** An authority that test certificates are issued by. */
export interface Authority extends Identity {
  /** A certificate of this subject, for loopback, good for servers and clients. */
  issue(commonName: string, how?: { keyType?: 'rsa' | 'ec'; organization?: string }): Promise<Identity>;
}

const DAY_MS = 86_400_000;

/** Makes an authority of its own, which nobody trusts who is not told to: one certificate for RSA and one for EC, in one text. */
export async function authority(name = 'Test authority'): Promise<Authority> {
  const [ec, rsa] = await Promise.all([selfSigned(name, 'ec'), selfSigned(name, 'rsa')]);
  return {
    key: ec.key,
    cert: `${ec.cert}\n${rsa.cert}`,
    async issue(commonName, { keyType = 'ec', organization } = {}) {
      const subject = [{ name: 'commonName', value: commonName }];
      if (organization !== undefined) subject.push({ name: 'organizationName', value: organization });
      return identityOf(
        await generate(subject, {
          ...lasting(keyType),
          ca: keyType === 'ec' ? ec : rsa,
          extensions: leaf(keyType),
        }),
      );
    },
  };
}

async function selfSigned(name: string, keyType: 'rsa' | 'ec'): Promise<Identity> {
  const certificate = await generate([{ name: 'commonName', value: `${name} ${keyType}` }], {
    ...lasting(keyType),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return identityOf(certificate);
}

function leaf(keyType: 'rsa' | 'ec'): NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']> {
  return [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: keyType === 'rsa' },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: 'localhost' },
        { type: 2, value: 'csms.example' },
        { type: 7, ip: '127.0.0.1' },
        { type: 7, ip: '::1' },
      ],
    },
  ];
}

function identityOf({ cert, private: key }: { cert: string; private: string }): Identity {
  return { cert, key };
}

/** Valid since yesterday, for ten years. */
function lasting(keyType: 'rsa' | 'ec') {
  const notBeforeDate = new Date(Date.now() - DAY_MS);
  const notAfterDate = new Date(Date.now() + 3650 * DAY_MS);
  return { keyType, keySize: 2048, algorithm: 'sha256', notBeforeDate, notAfterDate };
}
