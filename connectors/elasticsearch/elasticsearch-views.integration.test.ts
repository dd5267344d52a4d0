/** The search view on a real Elasticsearch. */
import { rebuildContract } from '../views/rebuild-contract.ts';
import { searchViewContract } from '../views/search-view-contract.ts';
import { ElasticsearchUnderTest } from './elasticsearch-under-test.ts';
import { itemsRebuild, stockRebuild } from './rebuild-under-test.ts';

const under = new ElasticsearchUnderTest();
beforeAll(() => under.start(), 240_000);
afterEach(() => under.closeAll());
afterAll(() => under.stop());

searchViewContract('the search view on Elasticsearch', () => under.open());
rebuildContract('the search view on Elasticsearch, its items', itemsRebuild(under));
rebuildContract('the search view on Elasticsearch, its stock', stockRebuild(under));
