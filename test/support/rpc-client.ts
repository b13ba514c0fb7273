import { RPCClient } from 'ocpp-rpc';

type Options = ConstructorParameters<typeof RPCClient>[0];

/** A charger on ocpp-rpc, 1.6, that does not reconnect. The library fills in what is not given; its types ask for all. */
export function rpcClient(options: Partial<Options> & { endpoint: string; identity: string }): RPCClient {
  return new RPCClient({ protocols: ['ocpp1.6'], reconnect: false, ...options } as Options);
}

export type { RPCClient };
