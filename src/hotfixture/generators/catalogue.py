"""The table of all generators: group, module, names. A new generator is one function and one word here.

A name stands for the function of that name in the module; `name=function` says where Python needs another word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

CATALOGUE: Mapping[str, Mapping[str, str]] = {
    # group: {module: names}
    "people": {
        "people": "sex first_name last_name full_name name_prefix birth_date",
        "person": "person",
        "people_details": "first_name_female first_name_male last_name_female last_name_male name_female name_male "
        "middle_name sort_name initials nickname name_suffix age marital_status eye_colour hair_colour relationship "
        "nationality nationality_code pronouns language language_code bio zodiac_sign",
        "people_documents": "ssn national_id passport_number driver_licence",
        "travel_documents": "passport_mrz",
    },
    "places": {
        "places": "street building_number address_line city region postcode country country_code latitude longitude "
        "coordinates address",
        "address_parts": "address_text secondary_address po_box floor room_number street_suffix locale_code altitude "
        "region_code country_code_3 calling_code continent country_flag direction county city_time_zone city_prefix "
        "city_suffix "
        "military_address military_state",
        "geocodes": "coordinates_text geohash plus_code",
    },
    "contact": {
        "contact": "phone",
        "telephones": "mobile phone_e164 phone_extension toll_free contact=whole_contact",
    },
    "internet": {
        "internet": "email user_name domain url ipv4 ipv6 mac user_agent",
        "passwords": "password passphrase",
        "web": "http_method http_status http_status_phrase http_version tld port_number slug url_path url_query "
        "hostname "
        "domain_word referer image_url browser_agent cookie",
        "tokens": "api_key token jwt oauth_scope bearer_header",
        "networks": "ipv4_private ipv4_network ipv6_network asn",
        "social": "social_handle free_email company_email free_email_domain hashtag emoji",
        "speech": "emoji_record emoji_of_category emoji_category emoji_description emoji_alias input_name "
        "platform_token",
    },
    "business": {
        "business": "company job",
        "company_terms": "company_suffix buzzword industry job_descriptor job_area job_role catch_phrase bs "
        "slogan mission_statement role_title company_size ein duns company_number vat_number company_record job_record",
    },
    "text": {
        "text": "word sentence paragraph text",
        "pattern": "pattern=text_pattern",
        "prose": "words sentences=several_sentences question heading phrase comment markdown html noun verb "
        "adjective adverb "
        "preposition conjunction interjection pronoun lorem_word lorem_words lorem_sentence lorem_paragraph",
        "placeholders": "letter character string bothify numerify lexify hexify",
        "speech": "part_of_speech",
    },
    "numbers": {
        "numbers": "integer decimal float=floating boolean",
        "integers": "int8 int16 int32 int64 uint8 uint16 uint32 uint64 digit hexadecimal octal binary "
        "roman=roman_numeral probability dice",
    },
    "distributions": {
        "distributions": "uniform normal zipf histogram",
        "skewed": "exponential erlang lognormal pareto geometric poisson binomial triangular beta",
    },
    "times": {
        "times": "date=calendar_date time=time_of_day timestamp interval",
        "calendars": "year month day_of_month weekday quarter decade month_name weekday_name iso_week business_day "
        "century am_pm",
        "instants": "unix_timestamp date_text iso8601 http_date past future working_time date_range duration_text "
        "time_zone utc_offset",
    },
    "identifiers": {
        "identifiers": "uuid ulid sequence permutation",
        "keys": "uuid1 object_id snowflake nanoid",
        "speech": "doi",
    },
    "finance": {
        "finance": "card iban account amount currency percent",
        "banking": "routing_number bic sort_code bank account_type loan_type credit_score interest_rate loan_term "
        "expense_category ledger_account currency_name currency_symbol currency_record tax_rate invoice_number "
        "price_with_currency",
        "payments": "transaction_type transaction_status payment_method payment_status card_network card_kind "
        "merchant_category merchant_category_code merchant_category_record merchant card_expiry card_cvv card_record "
        "transaction_id transaction",
        "securities": "isin cusip sedol lei ticker stock_sector stock_industry share_price market_cap stock_exchange "
        "mic cryptocurrency cryptocurrency_code cryptocurrency_record bitcoin_address litecoin_address "
        "ethereum_address transaction_hash",
    },
    "choices": {"choices": "choice"},
    "files": {
        "files": "file_extension mime_type file_kind file_type file_name file_size file_size_text directory file_path "
        "permissions device file",
    },
    "colours": {
        "colours": "colour_name css_colour css_colour_hex css_colour_record basic_colour hex_colour rgb_colour "
        "hsl_colour",
    },
    "science": {
        "science": "element element_name element_symbol element_number unit unit_name unit_symbol quantity si_prefix "
        "si_prefix_name si_prefix_symbol constellation constellation_abbreviation planet discipline compound "
        "compound_name chemical_formula dna_sequence rna_sequence protein_sequence gene_symbol measurement",
    },
    "it": {
        "digests": "crc32 md5 sha1 sha256 sha512 hex_bytes base64 ssh_fingerprint password_hash",
        "revisions": "commit_hash commit_message branch semantic_version licence feature_flag package_name",
        "logs": "log_level log_message log_line http_log_line syslog_line error_message error_code exception "
        "stack_trace_line",
        "systems": "environment programming_language database operating_system processor_architecture process service "
        "abbreviation=hacker_abbreviation unix_account pid service_port service_name service_port_number protocol "
        "cloud_region cloud_provider instance_type docker_container_name container_image kubernetes_pod arn "
        "cron_expression environment_variable hacker_phrase",
        "speech": "error hacker_noun hacker_verb hacker_adjective hackering_verb app_name",
    },
    "automotive": {
        "automotive": "make model body_type fuel_type engine drive doors vehicle transmission model_year colour power "
        "mileage vin licence_plate tyre_size trouble_code trouble_description trouble_record vehicle_condition "
        "vehicle_feature vehicle_part vehicle_service accident_type fuel_consumption carbon_emission vehicle_record",
    },
    "aviation": {
        "aviation": "airport airport_iata airport_icao airport_city airport_country airport_timezone airport_elevation "
        "airport_latitude airport_longitude airport_record airline airline_iata airline_icao airline_record aircraft "
        "aircraft_icao aircraft_manufacturer aircraft_record aircraft_registration cabin_class seat flight_number "
        "callsign flight_status delay_reason passenger_type crew_role meal_code meal record_locator ticket_number "
        "baggage_tag squawk gate terminal runway",
        "routes": "route route_record",
        "flights": "flight boarding_pass",
    },
    "logistics": {
        "logistics": "tracking_number s10_number container_number sscc gln air_waybill bill_of_lading hs_code "
        "seal_number imo_number incoterm incoterm_name port port_code port_record pallet_type pallet_record "
        "container_type container_type_code hazard_class hazard_description shipment_status return_reason "
        "shipment_event service_level transport_mode package_type warehouse_zone freight_vehicle handling_instruction "
        "carrier warehouse vessel vessel_record bin_location dock_door delivery_window",
        "shipments": "package_weight package_dimensions shipment",
    },
    "telecom": {
        "telecom": "imei imeisv iccid imsi eid puk pin msisdn plmn mobile_carrier network_type connection_type "
        "sms_status call_result call_direction call_type subscriber_status sim_type plan apn telecom_feature "
        "telecom_fault cell_id location_area signal_strength signal_quality call_duration data_usage download_speed "
        "latency sim_card call_record",
    },
    "government": {
        "government": "agency political_party document_type permit_type court case_type public_benefit tax_type "
        "public_office security_clearance case_status litigation_status tax_form tax_form_title tax_form_record "
        "form_number case_number docket_number permit_number grant_number tender_number voter_number precinct "
        "electoral_district itin permit_application court_case",
    },
    "energy": {
        "energy": "meter_number eic mpan grid_operator energy_tariff plant_type plant_fuel meter_type outage_cause "
        "outage_status efficiency_class appliance grid_equipment voltage_level grid_frequency power_factor "
        "grid_voltage energy_price carbon_intensity plant_capacity meter_reading_kwh power_plant fuel_mix "
        "meter_reading outage",
    },
    "health": {
        "health": "blood_type symptom medical_condition icd10_code diagnosis medication drug_class medication_strength "
        "medication_route dose_form dose_frequency dosage allergy allergic_reaction severity procedure specialty "
        "department immunisation triage_level admission_type discharge_status appointment_type medical_device hospital "
        "insurer insurance_plan policy_number member_number mrn npi nhs_number ndc_code medicare_id drug_brand "
        "drug_company medication_form pack_size refills prescription allergy_record",
        "patients": "treatment patient",
        "vitals": "heart_rate respiratory_rate oxygen_saturation systolic diastolic blood_pressure body_temperature "
        "vital_signs bmi height weight body_measurements pain_score blood_glucose cholesterol lab_test lab_result",
    },
    "food": {
        "food": "dish dish_record cuisine meal_course fruit vegetable ingredient spice herb nut cheese bread pasta "
        "drink coffee tea cocktail wine_variety beer_style beer_hop beer_malt beer_yeast meat grocery "
        "food_adjective breakfast lunch dinner snack dessert diet allergen measurement_unit cooking_method "
        "beer_name restaurant_name recipe_title ingredient_line beer_alcohol beer_bitterness beer_gravity "
        "nutrition recipe",
    },
    "animals": {
        "animals": "animal latin_name animal_class habitat species dog_breed cat_breed horse_breed cattle_breed "
        "rabbit_breed bird fish insect reptile amphibian bear cetacean crocodilian rodent dinosaur "
        "farm_animal pet_type pet_name animal_sound veterinary_procedure microchip",
    },
    "commerce": {
        "commerce": "retail_department product_adjective material product_audience product_feature product_benefit "
        "product_use_case product_suffix promotion order_status shipping_method product_return_reason "
        "stock_status sales_channel loyalty_tier brand store_name product_description product_dimension sku "
        "coupon_code discount order_number clothing_size shoe_size rating review_title review_text review",
        "products": "product_category product_noun product_name product_material retail_price product cart",
        "orders": "order",
        "article_numbers": "ean13 ean8 upc_a gtin14 isbn13 barcode isbn10 issn",
    },
    "media": {
        "media": "book_genre book_format movie_genre music_genre instrument video_codec audio_codec resolution "
        "aspect_ratio picture_size book_title book_series publisher movie_title song_title band_name "
        "album_title tv_show podcast_title headline episode_code frame_rate age_rating book movie song "
        "photo",
    },
    "games": {
        "games": "game_genre game_platform game_mode character_class monster loot_rarity game_title gamertag "
        "achievement guild_name quest loot_name coin_side dice_notation game_score card_suit playing_card "
        "poker_hand dice_roll chess_move chess_position loot_item player",
    },
    "leisure": {
        "leisure": "sport_position sport_position_record sport hobby exercise competition toy attraction medal "
        "shirt_number team_name stadium league race_time match_result match",
    },
    "education": {
        "education": "degree field_of_study school_subject faculty academic_title assessment_type learning_activity "
        "enrolment_status education_level gpa university school qualification scholarship thesis_title "
        "student_id semester course_code course_name grade academic_year transcript_line student",
    },
    "real_estate": {
        "real_estate": "property_type commercial_property_type property_condition heating_type home_amenity "
        "listing_status "
        "tenure property_view room building_material furnishing room_count floor_area plot_area "
        "construction_year mortgage_rate listing_id listing_title energy_class property_price amenities "
        "listing",
    },
    "human_resources": {
        "human_resources": "seniority salary_band corporate_department contract_type employment_type leave_type "
        "performance_rating skill employee_benefit termination_reason work_shift interview_stage "
        "work_location training_course leave_status employee_id salary employee leave",
    },
    "hospitality": {
        "hospitality": "room_type board_type hotel_amenity rate_plan cancellation_reason booking_status "
        "booking_channel "
        "bed_type guest_request event_type housekeeping_status star_rating guest_rating hotel_name "
        "hotel_room_number reservation_number restaurant_table stay table_reservation",
    },
    "manufacturing": {
        "manufacturing": "material_grade material_record unit_of_measure unit_record machine tool component "
        "defect_type "
        "process_step downtime_reason quality_grade inspection_result work_order_status surface_finish "
        "part_number serial_number lot_number work_order machine_id production_line tolerance "
        "sensor_reading supplier_rating dimension_check oee",
    },
    "plants": {
        "plants": "plant plant_latin_name plant_family plant_record tree flower",
    },
    "construction": {
        "construction": "heavy_equipment construction_material construction_role construction_trade construction_phase "
        "site_hazard construction_project",
    },
}


def paths() -> Iterator[tuple[str, str]]:
    """Each canonical name and the `module:function` it stands for."""
    for group, modules in CATALOGUE.items():
        for module, names in modules.items():
            for entry in names.split():
                name, _, function = entry.partition("=")
                yield f"{group}.{name}", f"hotfixture.generators.{module}:{function or name}"
