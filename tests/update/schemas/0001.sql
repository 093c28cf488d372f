BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
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
INSERT INTO "links" VALUES('sandbox','BOS-DD8','97400001','1013','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:45047/item/97400001-boss-dd-8-digital-delay','{"sku": "9a37d9607eda8684", "title": "6c5a888062604e45", "description": "ca98f3b6fe9c5ed5", "make": "a90e2a6e178f09ef", "model": "6b7ac77ca33991a1", "year": "8f3008b4f18b0c7f", "finish": "44866e4d8a839726", "condition": "76c3985c04967137", "upc": "4d9c9ab1227bfac8", "has_inventory": "b5bea41b6c623f7c", "inventory": "19581e27de7ced00", "price": "57ab94fd7de86b61", "categories": "eea1baef15b1517c", "photos": "5ac95f3895261023"}','["https://shop.example/media/bos-dd8-1.jpg", "https://shop.example/media/bos-dd8-2.jpg"]',0,0,'[]',NULL);
INSERT INTO "links" VALUES('sandbox','DAD-NYXL1046','97400002','1029','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:45047/item/97400002-d-addario-nyxl1046-electric-guitar-strings','{"sku": "fcf3e16931aa9112", "title": "7c5426d5cc7b349e", "description": "1647957febd1af53", "make": "c7c864d5df5f9301", "model": "b506a3bec1a5e96d", "condition": "76c3985c04967137", "upc": "474be56d47c5432b", "has_inventory": "b5bea41b6c623f7c", "inventory": "2abaca4911e68fa9", "price": "db54d40844c8c4c7", "categories": "511261766cf41e3c", "photos": "296f2dcbb96d57ab"}','["https://shop.example/media/dad-nyxl1046-1.jpg"]',0,0,'[]',NULL);
INSERT INTO "links" VALUES('sandbox','DUN-GCB95','97400003','1016','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:45047/item/97400003-dunlop-cry-baby-gcb95-wah','{"sku": "5aca0b07968d1d06", "title": "3e4410d85455dc43", "description": "7b7fe659ed5ed9b0", "make": "79691a9f1b89ed9d", "model": "601781bc25705f55", "year": "8f3008b4f18b0c7f", "finish": "0c5078b9f58262f1", "condition": "76c3985c04967137", "upc": "cecd7a66c8a02c4c", "has_inventory": "b5bea41b6c623f7c", "inventory": "7902699be42c8a8e", "price": "346c5c9baec37601", "categories": "0191fabb2c6ec63e", "photos": "ff078e438e0ebe61"}','["https://shop.example/media/dun-gcb95-1.jpg"]',0,0,'[]',NULL);
INSERT INTO "links" VALUES('sandbox','DWP-5000AH','97400004','1023','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:45047/item/97400004-dw-5000ah4-heelless-single-bass-drum-pedal','{"sku": "d4a376df1904f48a", "title": "88d23840cf90ec34", "description": "160b43a08b7e7452", "make": "659d84a711731150", "model": "735da2af6756b287", "year": "5489a6aa75135efd", "finish": "ee4466da350dfae1", "condition": "76c3985c04967137", "upc": "5a55bd85866d08b4", "has_inventory": "b5bea41b6c623f7c", "inventory": "4e07408562bedb8b", "price": "2547ee9de1e6b19b", "categories": "5e4fe30fcd5dd470", "photos": "8855eac1002c6236"}','["https://shop.example/media/dwp-5000ah-1.jpg", "https://shop.example/media/dwp-5000ah-2.jpg"]',0,0,'[]',NULL);
INSERT INTO "links" VALUES('sandbox','EHX-BMP','97400005','1015','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:45047/item/97400005-electro-harmonix-big-muff-pi','{"sku": "935c8db5bead1280", "title": "3ed546a178f365af", "description": "e56f43d405bc35e8", "make": "2b6df2ef5ca36c94", "model": "1c4d75ad87c87ac3", "year": "8f3008b4f18b0c7f", "finish": "ee4466da350dfae1", "condition": "76c3985c04967137", "upc": "c3a64b09970b105e", "has_inventory": "b5bea41b6c623f7c", "inventory": "4a44dc15364204a8", "price": "63cffd1d6d17a5e9", "categories": "8f4fb8053f88776f", "photos": "0b14054c78eca17e"}','["https://shop.example/media/ehx-bmp-1.jpg", "https://shop.example/media/ehx-bmp-2.jpg"]',0,0,'[]',NULL);
INSERT INTO "links" VALUES('sandbox','ELE-DTKT2','97400006','1020','draft','7c3f45de-2ae0-4c81-8400-fdb6b1d74890','http://127.0.0.1:45047/item/97400006-elektron-digitakt-ii-drum-computer-and-sampler','{"sku": "d06de3886de64593", "title": "2c7ba00faab1b1b2", "description": "250267d82293c51a", "make": "f96a4cbc6811785d", "model": "86b035ae2e885afa", "year": "8f3008b4f18b0c7f", "finish": "0c5078b9f58262f1", "condition": "76c3985c04967137", "upc": "8e10f977588fcbb4", "has_inventory": "b5bea41b6c623f7c", "inventory": "4e07408562bedb8b", "price": "2a943650d64c3dde", "categories": "85e96a5dc5d1d4a6", "photos": "a9acce18f585c3fe"}','["https://shop.example/media/ele-dtkt2-1.jpg", "https://shop.example/media/ele-dtkt2-2.jpg"]',0,0,'[]',NULL);
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
INSERT INTO "outbox" VALUES(1,'push_product','WAITS-1','all','by hand',1,'pending',1,0,'2026-11-24T00:30:09.662628Z',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-24T00:30:09.662628Z');
INSERT INTO "outbox" VALUES(2,'push_product','WAITS-2','all','product saved',1,'pending',1,0,'2026-11-24T00:30:09.662628Z',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2026-11-24T00:30:09.662628Z');
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
INSERT INTO "remote_state" VALUES('sandbox',1.79548008194800901415e+09,0.1,0.0,0,0,0.0,'',0,NULL,NULL);
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
INSERT INTO "settings" VALUES('category_map','{"Guitars": "f6714535-4bff-5748-973e-1c3a381edbfd", "Accessories > Cables": "5e049684-bcde-5712-a58b-97c56e37399a", "Accessories > Cases": "8082e029-828c-5bf2-8b5f-ab0957c69292", "Accessories > Straps": "e02dc2e9-1b8d-560e-933b-e0d69acd4f4a", "Accessories > Strings": "46ed3cc6-2aca-5a3c-b384-cabb8f855d3c", "Amps > Guitar Combos": "30c48ced-9e41-5555-9ede-e84d1b7e1a7d", "Amps > Guitar Heads": "603b6c12-348e-5b46-b587-d3f741bd67c7", "Basses > 4-String": "49f8ca89-ec11-5c97-89d0-91589d01e8b3", "Drums > Cymbals": "cdae63ba-130f-505e-8951-46dc34c800f8", "Drums > Pedals": "4b200956-b088-5b67-a853-a665c2402649", "Drums > Snares": "3428827c-5147-56ec-aa60-18ca34d20a73", "Guitars > Acoustic > Dreadnought": "9ab74b4e-dfd9-5cea-9dfc-19e76bba85ff", "Guitars > Electric > Semi-Hollow": "4f4185d3-a1cd-582c-999f-747d772604d2", "Guitars > Electric > Solid Body": "e57deb7a-382b-4e18-a008-67d4fbcb2879", "Keys > Analog Synths": "8b91a4df-bc04-5113-b370-aaf47b56d6b3", "Keys > Digital Synths": "3af46919-0eea-5366-bdd1-18b1520346ba", "Keys > Samplers": "68422055-c968-52d5-ae73-58ff7d8a2259", "Parts > Pickups": "7d1989ab-5be0-594f-a336-caf9072c482c", "Parts > Tuning Heads": "6094d25f-8eb4-5fa5-85d5-587e0596b171", "Pedals > Delay": "171ceb19-95f2-5db7-9a7e-d989e322d63f", "Pedals > Fuzz": "880ff4d3-1782-5124-9a64-b5214566a752", "Pedals > Looper": "cb2f942b-276f-558b-a96f-0a242501373f", "Pedals > Overdrive": "b5373999-5cae-56e2-81f3-71d39f7ff500", "Pedals > Reverb": "e37590a1-3558-5497-a058-205027341d74", "Pedals > Wah": "cc42806d-dac6-5d16-8ecb-787558a3f7ad", "Studio > Condenser Microphones": "f7b04d93-97cc-578b-8d48-e2a7856204a1", "Studio > Dynamic Microphones": "045bd58f-d1ae-56a1-961a-9a86d02d7194", "Studio > Interfaces": "75666d94-a879-5251-8e8a-537b903e60bc", "Studio > Monitors": "fefbcd67-e18f-55ad-bb4e-2eb3d2700202"}','2026-11-24T00:27:42.143890Z');
INSERT INTO "settings" VALUES('requests_per_minute','600','2026-11-24T00:27:42.145478Z');
INSERT INTO "settings" VALUES('stock_buffer','1','2026-11-24T00:30:09.678714Z');
CREATE TABLE shipments (
	id INTEGER NOT NULL, 
	order_id TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	tracking_number TEXT NOT NULL, 
	recorded_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT shipments_once UNIQUE (order_id, carrier, tracking_number)
);
INSERT INTO "shipments" VALUES(1,'ORDER-1','UPS','1Z999','2026-11-24T00:30:09.677019Z');
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
	PRIMARY KEY (id)
);
INSERT INTO "sync_log" VALUES(1,'2026-11-24T00:27:42.163053Z','sandbox','push_product','create','created','product saved','BOS-DD8','1013','https://shop.example/products/boss-dd-8-digital-delay','97400001','http://127.0.0.1:45047/item/97400001-boss-dd-8-digital-delay',NULL,'Made as a draft.','[]',202,'1cd7bb0d-8938-488f-b3ff-b4bd2c307f5e',2,1,4.47727171500082476995e+00);
INSERT INTO "sync_log" VALUES(2,'2026-11-24T00:27:42.167969Z','sandbox','push_product','create','created','product saved','DAD-NYXL1046','1029','https://shop.example/products/d-addario-nyxl1046-electric-guitar-strings','97400002','http://127.0.0.1:45047/item/97400002-d-addario-nyxl1046-electric-guitar-strings',NULL,'Made as a draft.','[]',202,'8b2ed227-da2d-4f0b-b946-fbb5d6bc0fc0',2,1,4.92230117100189090706e+00);
INSERT INTO "sync_log" VALUES(3,'2026-11-24T00:27:42.170169Z','sandbox','push_product','create','created','product saved','DUN-GCB95','1016','https://shop.example/products/dunlop-cry-baby-gcb95-wah','97400003','http://127.0.0.1:45047/item/97400003-dunlop-cry-baby-gcb95-wah',NULL,'Made as a draft.','[]',202,'f7852b5b-e200-4c4c-a284-946429e01bf2',2,1,5.32543428899953141808e+00);
INSERT INTO "sync_log" VALUES(4,'2026-11-24T00:27:42.174638Z','sandbox','push_product','create','created','product saved','DWP-5000AH','1023','https://shop.example/products/dw-5000ah4-heelless-single-bass-drum-pedal','97400004','http://127.0.0.1:45047/item/97400004-dw-5000ah4-heelless-single-bass-drum-pedal',NULL,'Made as a draft.','[]',202,'6c7d4179-39a3-4018-9e53-7b6b57dfe5c5',2,1,5.68425772000046);
INSERT INTO "sync_log" VALUES(5,'2026-11-24T00:27:42.179273Z','sandbox','push_product','create','created','product saved','EHX-BMP','1015','https://shop.example/products/electro-harmonix-big-muff-pi','97400005','http://127.0.0.1:45047/item/97400005-electro-harmonix-big-muff-pi',NULL,'Made as a draft.','[]',202,'be425968-3206-4b98-ad30-f12ca90e4dc1',2,1,6.00811137199707445688e+00);
INSERT INTO "sync_log" VALUES(6,'2026-11-24T00:27:42.183409Z','sandbox','push_product','create','created','product saved','ELE-DTKT2','1020','https://shop.example/products/elektron-digitakt-ii-drum-computer-and-sampler','97400006','http://127.0.0.1:45047/item/97400006-elektron-digitakt-ii-drum-computer-and-sampler',NULL,'Made as a draft.','[]',202,'dd184708-5e6b-48b3-9e2b-ba2249339e1a',2,1,6.29971187899718643166e+00);
INSERT INTO "sync_log" VALUES(7,'2026-11-24T00:27:42.187279Z','sandbox','push_product','create','created','product saved','EPI-DOT-CH','1004','https://shop.example/products/epiphone-dot-cherry','97400007','http://127.0.0.1:45047/item/97400007-epiphone-dot-cherry',NULL,'Made as a draft.','[]',202,'bc7400de-8ede-4883-bfcd-b1bfa48992f9',2,1,6.56145189100061543285e+00);
INSERT INTO "sync_log" VALUES(8,'2026-11-24T00:27:42.189983Z','sandbox','push_product','create','created','product saved','FEN-65PR-RI','1009','https://shop.example/products/fender-65-princeton-reverb-reissue','97400008','http://127.0.0.1:45047/item/97400008-fender-65-princeton-reverb-reissue',NULL,'Made as a draft.','[]',202,'3bc6db8a-887f-458f-bb4f-7937d824963d',2,1,6.7977355090006312821e+00);
CREATE INDEX outbox_due ON outbox (state, priority, available_at, id);
CREATE INDEX outbox_key_state ON outbox ("key", state);
CREATE INDEX links_listing ON links (environment, listing_id);
CREATE INDEX links_product ON links (environment, product_id);
CREATE INDEX sync_log_time ON sync_log (created_at, id);
CREATE INDEX sync_log_sku ON sync_log (sku, created_at, id);
CREATE INDEX sync_log_outcome ON sync_log (outcome, created_at, id);
COMMIT;
