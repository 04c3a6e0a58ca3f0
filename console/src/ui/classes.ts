import { clsx, type ClassValue } from 'clsx';
import { twMerge } from 'tailwind-merge';

/** Joins class names; of two that say the same, the last counts. */
export const classes = (...given: ClassValue[]): string => twMerge(clsx(given));
