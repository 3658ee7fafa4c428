/** Begins each line that the suite in the extension host wants shown. */
export const outputMark = '[shipshape-test] ';
