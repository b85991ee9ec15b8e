import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Loading } from '../parts/QueryStates.tsx';
import { nextAddress } from './next-address.ts';

/** `/login` for who is logged in already: goes on to where the login was to lead. */
export function LoggedInPage() {
  const router = useRouter();
  const { next } = useSearch({ from: '/login' });
  useEffect(() => {
    router.history.replace(nextAddress(next, window.location.origin));
  }, [router, next]);
  return <Loading />;
}
