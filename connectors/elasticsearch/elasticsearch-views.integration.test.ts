/** The search view on a real Elasticsearch. */
import { startElasticsearch } from '../../test/servers/elasticsearch/start-elasticsearch.ts';
import { openTcpProxy } from '../../test/servers/tcp-proxy.ts';
import { rebuildContract } from '../views/rebuild-contract.ts';
import { searchViewContract } from '../views/search-view-contract.ts';
import { crashTests } from './crash-tests.ts';
import { ElasticsearchUnderTest } from './elasticsearch-under-test.ts';
import { modelTests } from './model-tests.ts';
import { raceTests } from './race-tests.ts';
import { itemsRebuild, stockRebuild } from './rebuild-under-test.ts';
import { troubleTests } from './trouble-tests.ts';

const under = new ElasticsearchUnderTest(() => startElasticsearch());
beforeAll(() => under.start());
afterEach(() => under.closeAll());
afterAll(() => under.stop());

searchViewContract('the search view on Elasticsearch', () => under.open());
rebuildContract('the search view on Elasticsearch, its items', itemsRebuild(under));
rebuildContract('the search view on Elasticsearch, its stock', stockRebuild(under));
raceTests(under);
modelTests(under);
crashTests(under);
troubleTests(under, openTcpProxy);
