// Talks to the service.

export interface Profile {
  name: string;
  tags: string[];
}

export class ServiceError extends Error {}

export async function request<T>(path: string, body?: unknown): Promise<T> {
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) {
    throw new ServiceError(answer.statusText);
  }
  return answer.json();
}

export function loadProfile(name: string): Promise<Profile> {
  return request<Profile>(`/profiles/${name}`);
}
