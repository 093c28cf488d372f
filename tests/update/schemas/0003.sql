BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE cache (
	environment VARCHAR(10) NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	content JSON NOT NULL, 
	saved_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (environment, name)
);
CREATE TABLE exchanges (
	entry_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	method VARCHAR(10) NOT NULL, 
	path TEXT NOT NULL, 
	request TEXT, 
	status INTEGER, 
	answer TEXT NOT NULL, 
	duration_seconds FLOAT NOT NULL, 
	size INTEGER NOT NULL, 
	PRIMARY KEY (entry_id, number), 
	FOREIGN KEY(entry_id) REFERENCES sync_log (id) ON DELETE CASCADE
);
INSERT INTO "exchanges" VALUES(1,0,'GET','/api/my/listings?sku=BOS-DD8&state=all',NULL,200,'{
  "total": 0,
  "current_page": 1,
  "total_pages": 0,
  "per_page": 24,
  "listings": [],
  "_links": {}
}',4.72380359002272598445e-01,147);
CREATE TABLE links (
	environment VARCHAR(10) NOT NULL, 
	sku TEXT NOT NULL, 
	listing_id TEXT, 
	product_id TEXT, 
	state VARCHAR(20), 
	condition_uuid VARCHAR(36), 
	web_url TEXT, 
	sent JSON NOT NULL, 
	photos JSON NOT NULL, 
	ended_by_us BOOLEAN NOT NULL, 
	publish_withheld BOOLEAN NOT NULL, 
	owed JSON NOT NULL, 
	deleted_at VARCHAR(27), 
	PRIMARY KEY (environment, sku)
);
INSERT INTO "links" VALUES('sandbox','BOS-DD8','97400001','1013','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:46231/item/97400001-boss-dd-8-digital-delay','{"sku": "9a37d9607eda8684", "title": "6c5a888062604e45", "description": "ca98f3b6fe9c5ed5", "make": "a90e2a6e178f09ef", "model": "6b7ac77ca33991a1", "year": "8f3008b4f18b0c7f", "finish": "44866e4d8a839726", "condition": "76c3985c04967137", "upc": "4d9c9ab1227bfac8", "has_inventory": "b5bea41b6c623f7c", "inventory": "19581e27de7ced00", "price": "57ab94fd7de86b61", "categories": "eea1baef15b1517c", "photos": "5ac95f3895261023"}','["https://shop.example/media/bos-dd8-1.jpg", "https://shop.example/media/bos-dd8-2.jpg"]',0,0,'[]',NULL);
INSERT INTO "links" VALUES('sandbox','DAD-NYXL1046','97400002','1029','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:46231/item/97400002-d-addario-nyxl1046-electric-guitar-strings','{"sku": "fcf3e16931aa9112", "title": "7c5426d5cc7b349e", "description": "1647957febd1af53", "make": "c7c864d5df5f9301", "model": "b506a3bec1a5e96d", "condition": "76c3985c04967137", "upc": "474be56d47c5432b", "has_inventory": "b5bea41b6c623f7c", "inventory": "2abaca4911e68fa9", "price": "db54d40844c8c4c7", "categories": "511261766cf41e3c", "photos": "296f2dcbb96d57ab"}','["https://shop.example/media/dad-nyxl1046-1.jpg"]',0,0,'[]',NULL);
INSERT INTO "links" VALUES('sandbox','DWP-5000AH','97400003','1023','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:46231/item/97400003-dw-5000ah4-heelless-single-bass-drum-pedal','{"sku": "d4a376df1904f48a", "title": "88d23840cf90ec34", "description": "160b43a08b7e7452", "make": "659d84a711731150", "model": "735da2af6756b287", "year": "5489a6aa75135efd", "finish": "ee4466da350dfae1", "condition": "76c3985c04967137", "upc": "5a55bd85866d08b4", "has_inventory": "b5bea41b6c623f7c", "inventory": "4e07408562bedb8b", "price": "2547ee9de1e6b19b", "categories": "5e4fe30fcd5dd470", "photos": "8855eac1002c6236"}','["https://shop.example/media/dwp-5000ah-1.jpg", "https://shop.example/media/dwp-5000ah-2.jpg"]',0,0,'[]',NULL);
INSERT INTO "links" VALUES('sandbox','DUN-GCB95','97400004','1016','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:46231/item/97400004-dunlop-cry-baby-gcb95-wah','{"sku": "5aca0b07968d1d06", "title": "3e4410d85455dc43", "description": "7b7fe659ed5ed9b0", "make": "79691a9f1b89ed9d", "model": "601781bc25705f55", "year": "8f3008b4f18b0c7f", "finish": "0c5078b9f58262f1", "condition": "76c3985c04967137", "upc": "cecd7a66c8a02c4c", "has_inventory": "b5bea41b6c623f7c", "inventory": "7902699be42c8a8e", "price": "346c5c9baec37601", "categories": "0191fabb2c6ec63e", "photos": "ff078e438e0ebe61"}','["https://shop.example/media/dun-gcb95-1.jpg"]',0,0,'[]',NULL);
INSERT INTO "links" VALUES('sandbox','ELE-DTKT2','97400005','1020','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:46231/item/97400005-elektron-digitakt-ii-drum-computer-and-sampler','{"sku": "d06de3886de64593", "title": "2c7ba00faab1b1b2", "description": "250267d82293c51a", "make": "f96a4cbc6811785d", "model": "86b035ae2e885afa", "year": "8f3008b4f18b0c7f", "finish": "0c5078b9f58262f1", "condition": "76c3985c04967137", "upc": "8e10f977588fcbb4", "has_inventory": "b5bea41b6c623f7c", "inventory": "4e07408562bedb8b", "price": "2a943650d64c3dde", "categories": "85e96a5dc5d1d4a6", "photos": "a9acce18f585c3fe"}','["https://shop.example/media/ele-dtkt2-1.jpg", "https://shop.example/media/ele-dtkt2-2.jpg"]',0,0,'[]',NULL);
INSERT INTO "links" VALUES('sandbox','EHX-BMP','97400006','1015','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:46231/item/97400006-electro-harmonix-big-muff-pi','{"sku": "935c8db5bead1280", "title": "3ed546a178f365af", "description": "e56f43d405bc35e8", "make": "2b6df2ef5ca36c94", "model": "1c4d75ad87c87ac3", "year": "8f3008b4f18b0c7f", "finish": "ee4466da350dfae1", "condition": "76c3985c04967137", "upc": "c3a64b09970b105e", "has_inventory": "b5bea41b6c623f7c", "inventory": "4a44dc15364204a8", "price": "63cffd1d6d17a5e9", "categories": "8f4fb8053f88776f", "photos": "0b14054c78eca17e"}','["https://shop.example/media/ehx-bmp-1.jpg", "https://shop.example/media/ehx-bmp-2.jpg"]',0,0,'[]',NULL);
CREATE TABLE log_days (
	environment VARCHAR(10) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	attempts INTEGER NOT NULL, 
	PRIMARY KEY (environment, day, outcome)
);
INSERT INTO "log_days" VALUES('sandbox','2026-11-24','created',45);
INSERT INTO "log_days" VALUES('sandbox','2026-11-24','refused',1);
INSERT INTO "log_days" VALUES('sandbox','2026-11-24','updated',7);
INSERT INTO "log_days" VALUES('sandbox','2026-11-24','unchanged',1);
INSERT INTO "log_days" VALUES('sandbox','2026-11-24','ended',1);
INSERT INTO "log_days" VALUES('sandbox','2026-11-24','deferred',4);
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	"key" TEXT NOT NULL, 
	scope VARCHAR(10) NOT NULL, 
	reason VARCHAR(40) NOT NULL, 
	priority INTEGER NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	revision INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	available_at VARCHAR(27) NOT NULL, 
	lease_id VARCHAR(64), 
	leased_revision INTEGER, 
	leased_until VARCHAR(27), 
	create_sent_at VARCHAR(27), 
	refused_fingerprint VARCHAR(64), 
	error_code VARCHAR(40), 
	error_message TEXT, 
	created_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT outbox_kind_key UNIQUE (kind, "key")
);
INSERT INTO "outbox" VALUES(1,'push_product','WAITS-1','all','by hand',1,'pending',1,0,'2026-11-24T00:30:11.422121Z',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-24T00:30:11.422121Z');
INSERT INTO "outbox" VALUES(2,'push_product','WAITS-2','all','product saved',1,'pending',1,0,'2026-11-24T00:30:11.422121Z',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-24T00:30:11.422121Z');
INSERT INTO "outbox" VALUES(3,'run_step','1','all','mass sync',2,'pending',1,0,'2026-11-24T00:30:11.441361Z',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-24T00:30:11.441361Z');
CREATE TABLE remote_state (
	environment VARCHAR(10) NOT NULL, 
	next_at FLOAT NOT NULL, 
	interval_seconds FLOAT NOT NULL, 
	blocked_until FLOAT NOT NULL, 
	refusals INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	open_until FLOAT NOT NULL, 
	cause TEXT NOT NULL, 
	probing BOOLEAN NOT NULL, 
	refused_token VARCHAR(64), 
	refused_at VARCHAR(27), 
	PRIMARY KEY (environment)
);
INSERT INTO "remote_state" VALUES('sandbox',1.79548020756873583795e+09,0.1,0.0,0,0,0.0,'',0,NULL,NULL);
CREATE TABLE run_listings (
	run_id INTEGER NOT NULL, 
	listing_id TEXT NOT NULL, 
	sku TEXT NOT NULL, 
	near_sku TEXT NOT NULL, 
	listing JSON NOT NULL, 
	is_live BOOLEAN NOT NULL, 
	matched BOOLEAN NOT NULL, 
	PRIMARY KEY (run_id, listing_id)
);
CREATE TABLE run_rows (
	id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	sku TEXT NOT NULL, 
	title TEXT NOT NULL, 
	action VARCHAR(20) NOT NULL, 
	is_grave BOOLEAN NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	begun INTEGER NOT NULL, 
	tried BOOLEAN NOT NULL, 
	requests INTEGER NOT NULL, 
	listing_id TEXT, 
	listing_url TEXT, 
	differences JSON NOT NULL, 
	method VARCHAR(4), 
	path TEXT, 
	body JSON, 
	seen JSON, 
	message TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE runs (
	id INTEGER NOT NULL, 
	environment VARCHAR(10) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	started_by TEXT NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	planned_at VARCHAR(27), 
	applied_at VARCHAR(27), 
	finished_at VARCHAR(27), 
	apply_when_planned BOOLEAN NOT NULL, 
	confirmed BOOLEAN NOT NULL, 
	next_link TEXT, 
	listings_total INTEGER, 
	after_sku TEXT, 
	live_listings INTEGER NOT NULL, 
	unchanged INTEGER NOT NULL, 
	products INTEGER NOT NULL, 
	brake TEXT, 
	message TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES(1,'sandbox','mass sync','reading','shop:1:abc','2026-11-24T00:30:11.441361Z',NULL,NULL,NULL,0,0,NULL,NULL,NULL,0,0,0,NULL,'');
CREATE TABLE sender (
	id INTEGER NOT NULL, 
	owner VARCHAR(120) NOT NULL, 
	version VARCHAR(40) NOT NULL, 
	started_at VARCHAR(27) NOT NULL, 
	leased_until VARCHAR(27) NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE settings (
	name VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	saved_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "settings" VALUES('category_map','{"Guitars": "f6714535-4bff-5748-973e-1c3a381edbfd", "Accessories > Cables": "5e049684-bcde-5712-a58b-97c56e37399a", "Accessories > Cases": "8082e029-828c-5bf2-8b5f-ab0957c69292", "Accessories > Straps": "e02dc2e9-1b8d-560e-933b-e0d69acd4f4a", "Accessories > Strings": "46ed3cc6-2aca-5a3c-b384-cabb8f855d3c", "Amps > Guitar Combos": "30c48ced-9e41-5555-9ede-e84d1b7e1a7d", "Amps > Guitar Heads": "603b6c12-348e-5b46-b587-d3f741bd67c7", "Basses > 4-String": "49f8ca89-ec11-5c97-89d0-91589d01e8b3", "Drums > Cymbals": "cdae63ba-130f-505e-8951-46dc34c800f8", "Drums > Pedals": "4b200956-b088-5b67-a853-a665c2402649", "Drums > Snares": "3428827c-5147-56ec-aa60-18ca34d20a73", "Guitars > Acoustic > Dreadnought": "9ab74b4e-dfd9-5cea-9dfc-19e76bba85ff", "Guitars > Electric > Semi-Hollow": "4f4185d3-a1cd-582c-999f-747d772604d2", "Guitars > Electric > Solid Body": "e57deb7a-382b-4e18-a008-67d4fbcb2879", "Keys > Analog Synths": "8b91a4df-bc04-5113-b370-aaf47b56d6b3", "Keys > Digital Synths": "3af46919-0eea-5366-bdd1-18b1520346ba", "Keys > Samplers": "68422055-c968-52d5-ae73-58ff7d8a2259", "Parts > Pickups": "7d1989ab-5be0-594f-a336-caf9072c482c", "Parts > Tuning Heads": "6094d25f-8eb4-5fa5-85d5-587e0596b171", "Pedals > Delay": "171ceb19-95f2-5db7-9a7e-d989e322d63f", "Pedals > Fuzz": "880ff4d3-1782-5124-9a64-b5214566a752", "Pedals > Looper": "cb2f942b-276f-558b-a96f-0a242501373f", "Pedals > Overdrive": "b5373999-5cae-56e2-81f3-71d39f7ff500", "Pedals > Reverb": "e37590a1-3558-5497-a058-205027341d74", "Pedals > Wah": "cc42806d-dac6-5d16-8ecb-787558a3f7ad", "Studio > Condenser Microphones": "f7b04d93-97cc-578b-8d48-e2a7856204a1", "Studio > Dynamic Microphones": "045bd58f-d1ae-56a1-961a-9a86d02d7194", "Studio > Interfaces": "75666d94-a879-5251-8e8a-537b903e60bc", "Studio > Monitors": "fefbcd67-e18f-55ad-bb4e-2eb3d2700202"}','2026-11-24T00:29:46.631776Z');
INSERT INTO "settings" VALUES('requests_per_minute','600','2026-11-24T00:29:46.633386Z');
INSERT INTO "settings" VALUES('stock_buffer','1','2026-11-24T00:30:11.438152Z');
CREATE TABLE shipments (
	id INTEGER NOT NULL, 
	order_id TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	tracking_number TEXT NOT NULL, 
	recorded_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT shipments_once UNIQUE (order_id, carrier, tracking_number)
);
INSERT INTO "shipments" VALUES(1,'ORDER-1','UPS','1Z999','2026-11-24T00:30:11.432301Z');
CREATE TABLE sync_log (
	id INTEGER NOT NULL, 
	created_at VARCHAR(27) NOT NULL, 
	environment VARCHAR(10) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	action VARCHAR(20) NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	reason VARCHAR(40) NOT NULL, 
	sku TEXT NOT NULL, 
	product_id TEXT, 
	product_url TEXT, 
	listing_id TEXT, 
	listing_url TEXT, 
	code VARCHAR(40), 
	message TEXT NOT NULL, 
	errors JSON NOT NULL, 
	http_status INTEGER, 
	request_id TEXT, 
	requests INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	duration_seconds FLOAT NOT NULL, 
	product_title TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "sync_log" VALUES(1,'2026-11-24T00:29:46.654270Z','sandbox','push_product','create','created','product saved','BOS-DD8','1013','https://shop.example/products/boss-dd-8-digital-delay','97400001','http://127.0.0.1:46231/item/97400001-boss-dd-8-digital-delay',NULL,'Made as a draft.','[]',202,'b82f984b-aa63-4ee7-be4f-87606e159bd8',2,1,4.47429502500017406418e+00,'Boss DD-8 Digital Delay');
INSERT INTO "sync_log" VALUES(2,'2026-11-24T00:29:46.658256Z','sandbox','push_product','create','created','product saved','DAD-NYXL1046','1029','https://shop.example/products/d-addario-nyxl1046-electric-guitar-strings','97400002','http://127.0.0.1:46231/item/97400002-d-addario-nyxl1046-electric-guitar-strings',NULL,'Made as a draft.','[]',202,'6179587c-4bfc-4638-abc3-d9270afee35f',2,1,4.92619669499981682747e+00,'D''Addario NYXL1046 Electric Guitar Strings');
INSERT INTO "sync_log" VALUES(3,'2026-11-24T00:29:46.662186Z','sandbox','push_product','create','created','product saved','DWP-5000AH','1023','https://shop.example/products/dw-5000ah4-heelless-single-bass-drum-pedal','97400003','http://127.0.0.1:46231/item/97400003-dw-5000ah4-heelless-single-bass-drum-pedal',NULL,'Made as a draft.','[]',202,'22496d05-7a82-4c3a-aec1-2c85128b659a',2,1,5.32555455200054,'DW 5000AH4 Heelless Single Bass Drum Pedal');
INSERT INTO "sync_log" VALUES(4,'2026-11-24T00:29:46.660213Z','sandbox','push_product','create','created','product saved','DUN-GCB95','1016','https://shop.example/products/dunlop-cry-baby-gcb95-wah','97400004','http://127.0.0.1:46231/item/97400004-dunlop-cry-baby-gcb95-wah',NULL,'Made as a draft.','[]',202,'60a7e0bd-ac71-4dce-a1e7-61599150ad43',2,1,5.68594629200015333481e+00,'Dunlop Cry Baby GCB95 Wah');
INSERT INTO "sync_log" VALUES(5,'2026-11-24T00:29:46.670965Z','sandbox','push_product','create','created','product saved','ELE-DTKT2','1020','https://shop.example/products/elektron-digitakt-ii-drum-computer-and-sampler','97400005','http://127.0.0.1:46231/item/97400005-elektron-digitakt-ii-drum-computer-and-sampler',NULL,'Made as a draft.','[]',202,'34d89525-cb2a-431b-9d63-bb678ef8e523',2,1,6.00472176499897614121e+00,'Elektron Digitakt II Drum Computer and Sampler');
INSERT INTO "sync_log" VALUES(6,'2026-11-24T00:29:46.668005Z','sandbox','push_product','create','created','product saved','EHX-BMP','1015','https://shop.example/products/electro-harmonix-big-muff-pi','97400006','http://127.0.0.1:46231/item/97400006-electro-harmonix-big-muff-pi',NULL,'Made as a draft.','[]',202,'96a93ee7-62f8-4823-b2ac-971cea23e9bc',2,1,6.31196908700076164677e+00,'Electro-Harmonix Big Muff Pi');
INSERT INTO "sync_log" VALUES(7,'2026-11-24T00:29:46.700592Z','sandbox','push_product','create','created','product saved','FEN-65PR-RI','1009','https://shop.example/products/fender-65-princeton-reverb-reissue','97400007','http://127.0.0.1:46231/item/97400007-fender-65-princeton-reverb-reissue',NULL,'Made as a draft.','[]',202,'beb2129f-ec6d-4c77-a95d-a9c69a93b89f',2,1,6.54369150300044566392e+00,'Fender ''65 Princeton Reverb Reissue');
INSERT INTO "sync_log" VALUES(8,'2026-11-24T00:29:46.681240Z','sandbox','push_product','create','created','product saved','EPI-DOT-CH','1004','https://shop.example/products/epiphone-dot-cherry','97400008','http://127.0.0.1:46231/item/97400008-epiphone-dot-cherry',NULL,'Made as a draft.','[]',202,'e95817f5-aeb0-4009-8108-205197ec139c',2,1,6.79287741100051789544e+00,'Epiphone Dot, Cherry');
CREATE INDEX outbox_due ON outbox (state, priority, available_at, id);
CREATE INDEX outbox_key_state ON outbox ("key", state);
CREATE INDEX links_product ON links (environment, product_id);
CREATE INDEX links_listing ON links (environment, listing_id);
CREATE INDEX sync_log_sku ON sync_log (sku, created_at, id);
CREATE INDEX sync_log_outcome ON sync_log (outcome, created_at, id);
CREATE INDEX sync_log_time ON sync_log (created_at, id);
CREATE INDEX sync_log_kind ON sync_log (kind, created_at, id);
CREATE INDEX sync_log_kind_outcome ON sync_log (kind, outcome, created_at, id);
CREATE UNIQUE INDEX runs_one_at_a_time ON runs (environment) WHERE state IN ('reading', 'comparing', 'applying', 'paused');
CREATE INDEX run_listings_near_sku ON run_listings (run_id, near_sku);
CREATE INDEX run_rows_action ON run_rows (run_id, action, id);
CREATE INDEX run_rows_sku ON run_rows (run_id, sku);
CREATE INDEX run_rows_counts ON run_rows (run_id, action, state, requests);
CREATE INDEX run_rows_state ON run_rows (run_id, state, id);
CREATE INDEX exchanges_size ON exchanges (entry_id, size);
COMMIT;
