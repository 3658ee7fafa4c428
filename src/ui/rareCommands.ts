/** What some commands need that are called now and then: activation does without it. */
export { chooseEngines } from './enginePick';
export { upgradeFeature } from './features';
export { remove, removeDuplicates } from './removal';
export { confirmRollBack } from './rollBackQuestion';
