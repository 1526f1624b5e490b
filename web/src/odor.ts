// The 138 odor descriptors in families, each with a colour of its own, so that a smell is recognised at a glance. The colours
// stand in styles/theme.css as --family-…, for light and for dark.

export const kFamilies = {
  citrus: ['citrus', 'lemon', 'orange', 'grapefruit', 'bergamot', 'aldehydic', 'ozone', 'fresh', 'clean', 'cooling', 'sharp'],
  green: [
    'green', 'grassy', 'leafy', 'cucumber', 'melon', 'hay', 'herbal', 'tea', 'tomato', 'vegetable', 'weedy', 'cortex', 'celery',
    'natural', 'radish', 'cabbage', 'potato',
  ],
  aromatic: ['aromatic', 'lavender', 'mint', 'camphoreous', 'pine', 'terpenic', 'anisic', 'chamomile', 'medicinal'],
  floral: [
    'floral', 'rose', 'jasmin', 'muguet', 'lily', 'violet', 'orris', 'hyacinth', 'geranium', 'hawthorn', 'orangeflower', 'powdery',
    'soapy',
  ],
  fruity: [
    'fruity', 'apple', 'apricot', 'banana', 'berry', 'black currant', 'cherry', 'grape', 'peach', 'pear', 'pineapple', 'plum',
    'raspberry', 'strawberry', 'tropical', 'juicy', 'ripe', 'fruit skin', 'lactonic', 'coconut', 'ketonic',
  ],
  sweet: [
    'sweet', 'vanilla', 'caramellic', 'chocolate', 'cocoa', 'coffee', 'honey', 'almond', 'nutty', 'hazelnut', 'creamy', 'milky',
    'dairy', 'buttery', 'coumarinic', 'malty', 'popcorn',
  ],
  spicy: ['spicy', 'cinnamon', 'clove', 'warm', 'pungent', 'dry', 'brandy', 'cognac', 'rummy', 'winey', 'alcoholic', 'ethereal'],
  woody: ['woody', 'cedar', 'sandalwood', 'vetiver', 'earthy', 'mushroom', 'musty', 'tobacco'],
  resinous: ['amber', 'balsamic', 'musk', 'animal', 'leathery', 'smoky', 'phenolic', 'burnt', 'sweaty'],
  savoury: [
    'alliaceous', 'beefy', 'bitter', 'cheesy', 'cooked', 'fatty', 'fermented', 'fishy', 'garlic', 'gassy', 'meaty', 'metallic',
    'oily', 'onion', 'roasted', 'savory', 'solvent', 'sour', 'sulfurous', 'waxy', 'odorless',
  ],
} as const;

export type Family = keyof typeof kFamilies;

const familyOf = new Map<string, Family>();
for (const [family, names] of Object.entries(kFamilies)) {
  for (const name of names) familyOf.set(name, family as Family);
}

export function family(descriptor: string): Family {
  return familyOf.get(descriptor) ?? 'savoury';
}

export function colour(descriptor: string): string {
  return `var(--family-${family(descriptor)})`;
}
