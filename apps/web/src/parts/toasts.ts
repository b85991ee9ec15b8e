import { notifications } from '@mantine/notifications';
import { t } from '../texts/texts.ts';

/** A change was accepted and goes on in the background. */
export function toastAccepted(title: string): void {
  notifications.show({ title, message: t.operations.accepted, color: 'cyan', autoClose: 2500 });
}

/** Something was done. */
export function toastSuccess(title: string, message: string): void {
  notifications.show({ title, message, color: 'green', autoClose: 4000 });
}

/** Something failed: stays until it is closed, for it has to be read. */
export function toastFailure(title: string, failure: { message: string; hint?: string | undefined }): void {
  const message = failure.hint === undefined ? failure.message : `${failure.message} ${failure.hint}`;
  notifications.show({ title, message, color: 'red', autoClose: false });
}
