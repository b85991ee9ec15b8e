/**
 * Gives a reply to the person as a file. The token travels in a header, so a plain link cannot fetch it; the browser keeps
 * a blob of this size on disk, not in memory.
 */
export async function saveDownload(reply: Response, name: string): Promise<void> {
  const address = URL.createObjectURL(await reply.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download has taken hold of the blob by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
