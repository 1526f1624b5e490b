// Fetches a program or a style sheet of its own when somebody first needs it.
const loaded = new Map<string, Promise<void>>();

export function load(path: string): Promise<void> {
  let found = loaded.get(path);
  if (!found) {
    found = new Promise((resolve, reject) => {
      const style = path.endsWith('.css');
      const element = document.createElement(style ? 'link' : 'script');
      if (element instanceof HTMLLinkElement) {
        element.rel = 'stylesheet';
        element.href = path;
      } else {
        element.src = path;
      }
      element.onload = () => resolve();
      element.onerror = () => {
        loaded.delete(path);
        element.remove();
        reject(new Error(`${path} could not be loaded`));
      };
      document.head.append(element);
    });
    loaded.set(path, found);
  }
  return found;
}
