import type { IdentityProvider, IdentityProviderCreation, IdentityProviderPatch } from '@longshore/contract';

/** An identity provider as a form holds it. An empty secret of one that exists leaves its secret as it is. */
export type ProviderForm = Readonly<{
  name: string;
  kind: 'gitlab' | 'oidc';
  title: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  scopes: readonly string[];
  groupsClaim: string;
  enabled: boolean;
}>;

/** GitLab first: it is what most come with. `read_user` lets us read the SSH keys. */
export const EMPTY_PROVIDER: ProviderForm = {
  name: 'gitlab',
  kind: 'gitlab',
  title: 'GitLab',
  issuer: '',
  clientId: '',
  clientSecret: '',
  scopes: ['profile', 'email', 'read_user'],
  groupsClaim: 'groups',
  enabled: true,
};

export function formOfProvider(provider: IdentityProvider): ProviderForm {
  const { name, kind, title, issuer, clientId, scopes, groupsClaim, enabled } = provider;
  return { name, kind, title, issuer, clientId, clientSecret: '', scopes, groupsClaim, enabled };
}

export function creationOf(form: ProviderForm): IdentityProviderCreation {
  return { ...form, name: form.name.trim(), issuer: form.issuer.trim(), scopes: [...form.scopes] };
}

export function patchOf(form: ProviderForm): IdentityProviderPatch {
  const { title, clientId, clientSecret, scopes, groupsClaim, enabled } = form;
  const secret = clientSecret === '' ? {} : { clientSecret };
  return { title, clientId, ...secret, scopes: [...scopes], groupsClaim, enabled };
}

/** The same with the scopes and names that the kind usually has. */
export function ofKind(form: ProviderForm, kind: ProviderForm['kind']): ProviderForm {
  return kind === 'gitlab'
    ? { ...form, kind, name: 'gitlab', title: 'GitLab', scopes: EMPTY_PROVIDER.scopes }
    : { ...form, kind, name: '', title: '', scopes: ['profile', 'email'] };
}
