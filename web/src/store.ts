// What the views share: one value that changes as a whole, and a hook that follows it.
import { useEffect, useState } from 'preact/hooks';

export class Store<T extends object> {
  private listeners = new Set<() => void>();
  constructor(public value: T) {}

  set(change: Partial<T> | ((value: T) => Partial<T>)): void {
    this.value = { ...this.value, ...(typeof change === 'function' ? change(this.value) : change) };
    for (const listener of [...this.listeners]) listener();
  }
  use(): T {
    const [, refresh] = useState(0);
    useEffect(() => {
      const listener = () => refresh((n) => n + 1);
      this.listeners.add(listener);
      listener(); // what changed between the first drawing and now
      return () => void this.listeners.delete(listener);
    }, []);
    return this.value;
  }
}
