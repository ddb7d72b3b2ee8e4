// Made from dispatch/contract by `python -m dispatch.contract.generate`. Do not edit: a test compares them.
import type {
  AcceptInvitation,
  AppCode,
  Appointment,
  AskReport,
  AssignBooking,
  AuditPage,
  Booking,
  BookingDetail,
  BookingEvents,
  BookingPage,
  BookingRequest,
  Calendar,
  CalendarChange,
  Calendars,
  CancelBooking,
  Claim,
  Claimed,
  CodeRedemption,
  CodeRequest,
  CodeTicket,
  Communities,
  Community,
  Countersign,
  CrewNews,
  Device,
  DispatchCentre,
  DispatchCentres,
  Enrolment,
  Entries,
  EraseCall,
  Erasure,
  ExerciseDetail,
  ExerciseLog,
  ExercisePage,
  Export,
  FreeSlots,
  HealthReport,
  Hold,
  HoldPage,
  Hospital,
  Hospitals,
  IncidentList,
  IncidentView,
  Invitation,
  InvitationLink,
  Invitations,
  JobPage,
  JobView,
  Matches,
  Me,
  MedicalDirector,
  MedicalDirectors,
  Merge,
  Mission,
  NewCentre,
  NewExercise,
  NewGrant,
  NewHold,
  NewInjection,
  NewInvitation,
  NewMedicalDirector,
  NewOrganisation,
  NewResident,
  NewRun,
  NewUnit,
  NotificationChoice,
  NotificationChoiceInput,
  OfferAnswer,
  OfferList,
  OutboxPage,
  Overrule,
  People,
  Person,
  PharmacyOrder,
  PharmacyOrderPage,
  PlaceInLine,
  PlaceList,
  PlaceOrder,
  PlayerHello,
  Progress,
  ProtocolLine,
  ProtocolPage,
  ProtocolSheet,
  RecordPolicy,
  RecordPolicyBody,
  RegisterDevice,
  Report,
  ReportPage,
  Resident,
  Residents,
  Review,
  ReviewPage,
  RoleGrant,
  RoleGrants,
  RunDetail,
  RunPage,
  SampleList,
  ScenarioList,
  ServiceTypes,
  Session,
  SignIn,
  SignProtocol,
  SignedInPlaces,
  StaffList,
  StaffMember,
  TraineeList,
  UnassignBooking,
  UnitDetails,
  UnitDuty,
  UnitList,
  UnitPosition,
  UnitRecord,
  UnitReport,
  UnitView,
  WaitingList,
  WithdrawApproval,
} from "./contract.ts";

export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly credential: "none" | "refresh_cookie" | "bearer";
  /** Who may ask; empty for everybody. */
  readonly roles: readonly string[];
  /** Takes an Idempotency-Key. */
  readonly keyed: boolean;
  /** Wants If-Match. */
  readonly versioned: boolean;
  readonly gives: "json" | "text" | "file" | "nothing";
}

/** What each route takes and gives, by operation id. */
export interface Operations {
  /** Staff sign in; sets the refresh cookie. */
  sign_in: { path: { }; query: { }; body: SignIn; answer: Session };
  /** Sends a one-time code to a phone, if it is somebody's; the answer never says whether it is. */
  request_code: { path: { }; query: { }; body: CodeRequest; answer: CodeTicket };
  /** Signs in with a one-time code; sets the refresh cookie. */
  redeem_code: { path: { }; query: { }; body: CodeRedemption; answer: Session };
  /** Takes an invitation up and signs in; sets the refresh cookie. */
  accept_invitation: { path: { }; query: { }; body: AcceptInvitation; answer: Session };
  /** A fresh access token for the refresh cookie. */
  refresh: { path: { }; query: { }; body: undefined; answer: Session };
  /** Ends the session and clears the cookie. */
  sign_out: { path: { }; query: { }; body: undefined; answer: undefined };
  /** Onboards a community. */
  onboard_community: { path: { }; query: { }; body: NewOrganisation; answer: Community };
  /** The communities that the acting role reaches. */
  list_communities: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: Communities };
  /** One community. */
  read_community: { path: { readonly community_id: string; }; query: { }; body: undefined; answer: Community };
  /** Changes a community. */
  change_community: { path: { readonly community_id: string; }; query: { }; body: NewOrganisation; answer: Community };
  /** Nobody acts for the community from now on. */
  suspend_community: { path: { readonly community_id: string; }; query: { }; body: undefined; answer: Community };
  /** Its people act for the community again. */
  reinstate_community: { path: { readonly community_id: string; }; query: { }; body: undefined; answer: Community };
  /** Onboards a hospital. */
  onboard_hospital: { path: { }; query: { }; body: NewOrganisation; answer: Hospital };
  /** The hospitals that the acting role reaches. */
  list_hospitals: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: Hospitals };
  /** One hospital. */
  read_hospital: { path: { readonly hospital_id: string; }; query: { }; body: undefined; answer: Hospital };
  /** Changes a hospital. */
  change_hospital: { path: { readonly hospital_id: string; }; query: { }; body: NewOrganisation; answer: Hospital };
  /** Nobody acts for the hospital from now on. */
  suspend_hospital: { path: { readonly hospital_id: string; }; query: { }; body: undefined; answer: Hospital };
  /** Its people act for the hospital again. */
  reinstate_hospital: { path: { readonly hospital_id: string; }; query: { }; body: undefined; answer: Hospital };
  /** Onboards a centre. */
  onboard_centre: { path: { }; query: { }; body: NewCentre; answer: DispatchCentre };
  /** The centres that the acting role reaches. */
  list_centres: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: DispatchCentres };
  /** One centre. */
  read_centre: { path: { readonly centre_id: string; }; query: { }; body: undefined; answer: DispatchCentre };
  /** Changes a centre. */
  change_centre: { path: { readonly centre_id: string; }; query: { }; body: NewCentre; answer: DispatchCentre };
  /** Nobody acts for the centre from now on. */
  suspend_centre: { path: { readonly centre_id: string; }; query: { }; body: undefined; answer: DispatchCentre };
  /** Its people act for the centre again. */
  reinstate_centre: { path: { readonly centre_id: string; }; query: { }; body: undefined; answer: DispatchCentre };
  /** The hospital serves the community. */
  link_hospital: { path: { readonly hospital_id: string; readonly community_id: string; }; query: { }; body: undefined; answer: undefined };
  /** The hospital serves the community no longer. */
  unlink_hospital: { path: { readonly hospital_id: string; readonly community_id: string; }; query: { }; body: undefined; answer: undefined };
  /** The centre serves the community. */
  link_centre: { path: { readonly centre_id: string; readonly community_id: string; }; query: { }; body: undefined; answer: undefined };
  /** The centre serves the community no longer. */
  unlink_centre: { path: { readonly centre_id: string; readonly community_id: string; }; query: { }; body: undefined; answer: undefined };
  /** By which entries calls come to the centre. */
  list_entries: { path: { readonly centre_id: string; }; query: { }; body: undefined; answer: Entries };
  /** Calls by this entry come to the centre; another gives it up. */
  open_entry: { path: { readonly centre_id: string; readonly entry_id: string; }; query: { }; body: undefined; answer: undefined };
  /** Calls by this entry go to the default centre. */
  close_entry: { path: { readonly centre_id: string; readonly entry_id: string; }; query: { }; body: undefined; answer: undefined };
  /** Who is signed in, and in which roles. */
  who_am_i: { path: { }; query: { }; body: undefined; answer: Me };
  /** Where I am signed in. */
  list_my_sessions: { path: { }; query: { }; body: undefined; answer: SignedInPlaces };
  /** Signs me out of one place. */
  end_my_session: { path: { readonly session_id: string; }; query: { }; body: undefined; answer: undefined };
  /** Signs me out of every place, this one too. */
  sign_out_everywhere: { path: { }; query: { }; body: undefined; answer: undefined };
  /** A secret for my authenticator app. */
  enrol_second_factor: { path: { }; query: { }; body: undefined; answer: Enrolment };
  /** From now on signing in wants a code of my authenticator app. */
  confirm_second_factor: { path: { }; query: { }; body: AppCode; answer: undefined };
  /** Signing in wants no code of my authenticator app any more. */
  remove_second_factor: { path: { }; query: { }; body: AppCode; answer: undefined };
  /** Who works for the hospital. */
  list_staff: { path: { readonly hospital_id: string; }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: StaffList };
  /** One member of staff. */
  read_staff: { path: { readonly staff_id: string; }; query: { }; body: undefined; answer: StaffMember };
  /** Takes the member's roles at this hospital away for a while. */
  suspend_staff: { path: { readonly staff_id: string; }; query: { }; body: undefined; answer: StaffMember };
  /** Gives the member's roles at this hospital back. */
  reinstate_staff: { path: { readonly staff_id: string; }; query: { }; body: undefined; answer: StaffMember };
  /** Registers a resident of the community. */
  register_resident: { path: { readonly community_id: string; }; query: { }; body: NewResident; answer: Resident };
  /** Who lives in the community. */
  list_residents: { path: { readonly community_id: string; }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: Residents };
  /** One resident. */
  read_resident: { path: { readonly resident_id: string; }; query: { }; body: undefined; answer: Resident };
  /** Changes a resident's record. */
  change_resident: { path: { readonly resident_id: string; }; query: { }; body: NewResident; answer: Resident };
  /** Takes the resident's role in this community away for a while. */
  suspend_resident: { path: { readonly resident_id: string; }; query: { }; body: undefined; answer: Resident };
  /** Gives the resident's role in this community back. */
  reinstate_resident: { path: { readonly resident_id: string; }; query: { }; body: undefined; answer: Resident };
  /** Who has which role, as far as the acting role reaches. */
  list_grants: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; readonly scope_id?: string | null; readonly person_id?: string | null; }; body: undefined; answer: RoleGrants };
  /** Gives somebody who has an account a role. */
  grant_role: { path: { }; query: { }; body: NewGrant; answer: RoleGrant };
  /** Takes a role away. */
  revoke_grant: { path: { readonly grant_id: string; }; query: { }; body: undefined; answer: undefined };
  /** Offers somebody a role. */
  invite: { path: { }; query: { }; body: NewInvitation; answer: Invitation };
  /** Offers of roles, the newest first. */
  list_invitations: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: Invitations };
  /** The link that takes the invitation up. */
  read_invitation_link: { path: { readonly invitation_id: string; }; query: { }; body: undefined; answer: InvitationLink };
  /** Takes an offer back. */
  withdraw_invitation: { path: { readonly invitation_id: string; }; query: { }; body: undefined; answer: undefined };
  /** Everybody. */
  list_people: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: People };
  /** Records that may be one human being. */
  list_matches: { path: { }; query: { }; body: undefined; answer: Matches };
  /** One person, by any id they have ever had. */
  read_person: { path: { readonly person_id: string; }; query: { }; body: undefined; answer: Person };
  /** Shows a person out everywhere, within a minute. */
  suspend_person: { path: { readonly person_id: string; }; query: { }; body: undefined; answer: Person };
  /** Lets a person in again. */
  reinstate_person: { path: { readonly person_id: string; }; query: { }; body: undefined; answer: Person };
  /** Two records are one human being. */
  merge_people: { path: { readonly person_id: string; }; query: { }; body: Merge; answer: Person };
  /** This record was another human being after all. */
  unmerge_person: { path: { readonly person_id: string; }; query: { }; body: undefined; answer: Person };
  /** Who did what to which record, newest first. */
  list_audit: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; readonly person_id?: string | null; readonly action?: string | null; readonly subject_id?: string | null; }; body: undefined; answer: AuditPage };
  /** How long the centre keeps its records, and what callers are told. */
  read_record_policy: { path: { }; query: { }; body: undefined; answer: RecordPolicy };
  /** Changes how long records are kept, and what callers are told. */
  set_record_policy: { path: { }; query: { }; body: RecordPolicyBody; answer: RecordPolicy };
  /** Calls that must not be erased. */
  list_holds: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; readonly active?: boolean; }; body: undefined; answer: HoldPage };
  /** Keeps a call from being erased. */
  place_hold: { path: { }; query: { }; body: NewHold; answer: Hold };
  /** Lets a call be erased again when its time comes. */
  release_hold: { path: { readonly hold_id: string; }; query: { }; body: undefined; answer: undefined };
  /** Erases what is kept of a closed call: sound, words, card. */
  erase_call: { path: { readonly call_id: string; }; query: { }; body: EraseCall; answer: Erasure };
  /** Whether a call's records are gone. */
  read_erasure: { path: { readonly call_id: string; }; query: { }; body: undefined; answer: Erasure };
  /** Everything that the centre keeps of a number's calls, for the person who asks for it. */
  export_records: { path: { }; query: { readonly phone: string; }; body: undefined; answer: Export };
  /** A stretch of a call's sound as a WAV file, while it runs or after it; at most 60 s. */
  hear_call: { path: { readonly call_id: string; }; query: { readonly start?: number; readonly samples?: number; readonly side?: "caller" | "operator" | "second" | null; }; body: undefined; answer: Blob };
  /** Jobs in one state, the latest first; by default those that were given up. */
  list_jobs: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; readonly state?: "waiting" | "running" | "done" | "dead"; readonly kind?: string | null; }; body: undefined; answer: JobPage };
  /** Tries a job that was given up again, from its first attempt on. */
  requeue_job: { path: { readonly job_id: string; }; query: { }; body: undefined; answer: JobView };
  /** What the in-memory adapters would have sent, the latest first. */
  list_outbox: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; readonly port?: string | null; }; body: undefined; answer: OutboxPage };
  /** This phone wants pushes. */
  register_device: { path: { }; query: { }; body: RegisterDevice; answer: Device };
  /** This phone wants no more pushes. */
  remove_device: { path: { readonly device_id: string; }; query: { }; body: undefined; answer: undefined };
  /** By which ways you want to be told. */
  read_notification_choice: { path: { }; query: { }; body: undefined; answer: NotificationChoice };
  /** Choose by which ways you want to be told. */
  choose_notifications: { path: { }; query: { }; body: NotificationChoiceInput; answer: NotificationChoice };
  /** Ask for a report; it is made in the background. */
  ask_report: { path: { }; query: { }; body: AskReport; answer: Report };
  /** Your reports, the latest first. */
  list_reports: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: ReportPage };
  /** The file of a report that is ready. */
  download_report: { path: { readonly report_id: string; }; query: { }; body: undefined; answer: Blob };
  /** Order from the pharmacy of your community. */
  place_pharmacy_order: { path: { }; query: { }; body: PlaceOrder; answer: PharmacyOrder };
  /** Your orders, the latest first. */
  list_pharmacy_orders: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: PharmacyOrderPage };
  /** Ask the pharmacy to cancel an order that is not on its way yet. */
  cancel_pharmacy_order: { path: { readonly order_id: string; }; query: { }; body: undefined; answer: undefined };
  /** The services that can be booked. */
  list_service_types: { path: { }; query: { }; body: undefined; answer: ServiceTypes };
  /** Asks for a service. */
  create_booking: { path: { }; query: { }; body: BookingRequest; answer: Booking };
  /** The bookings within reach, the newest first. */
  list_bookings: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; readonly status?: "requested" | "assigned" | "en_route" | "in_service" | "completed" | "cancelled" | "no_show" | null; readonly service_type?: string | null; }; body: undefined; answer: BookingPage };
  /** One booking, with who is on it. */
  read_booking: { path: { readonly booking_id: string; }; query: { }; body: undefined; answer: BookingDetail };
  /** Everything that happened to a booking. */
  list_booking_events: { path: { readonly booking_id: string; }; query: { }; body: undefined; answer: BookingEvents };
  /** Where a booking stands that waits for a slot. */
  read_place_in_line: { path: { readonly booking_id: string; }; query: { }; body: undefined; answer: PlaceInLine };
  /** Sends somebody. */
  assign_booking: { path: { readonly booking_id: string; }; query: { }; body: AssignBooking; answer: Booking };
  /** Takes somebody off. */
  unassign_booking: { path: { readonly booking_id: string; }; query: { }; body: UnassignBooking; answer: Booking };
  /** Sends somebody instead of whoever is on it. */
  reassign_booking: { path: { readonly booking_id: string; }; query: { }; body: AssignBooking; answer: Booking };
  /** Whoever is sent is on the way. */
  depart_booking: { path: { readonly booking_id: string; }; query: { }; body: undefined; answer: Booking };
  /** The service begins. */
  start_booking: { path: { readonly booking_id: string; }; query: { }; body: undefined; answer: Booking };
  /** The service is done. */
  complete_booking: { path: { readonly booking_id: string; }; query: { }; body: undefined; answer: Booking };
  /** The patient is not there. */
  no_show_booking: { path: { readonly booking_id: string; }; query: { }; body: undefined; answer: Booking };
  /** Calls it off; whoever is on it is free again. */
  cancel_booking: { path: { readonly booking_id: string; }; query: { }; body: CancelBooking; answer: Booking };
  /** Moves the appointment to another slot. */
  reschedule_booking: { path: { readonly booking_id: string; }; query: { }; body: Appointment; answer: Booking };
  /** The calendars in which appointments can be made. */
  list_calendars: { path: { }; query: { readonly service_type?: string | null; }; body: undefined; answer: Calendars };
  /** Opens, changes or closes a calendar. */
  put_calendar: { path: { readonly calendar_id: string; }; query: { }; body: CalendarChange; answer: Calendar };
  /** The slots that are free. */
  list_free_slots: { path: { readonly calendar_id: string; }; query: { readonly service_type: string; readonly earliest: string; readonly latest: string; }; body: undefined; answer: FreeSlots };
  /** Who waits for a slot, in order. */
  list_waiting: { path: { readonly calendar_id: string; }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: WaitingList };
  /** Units of your centre or hospital. */
  list_units: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; readonly mine?: boolean; readonly withdrawn?: boolean; }; body: undefined; answer: UnitList };
  /** Where a unit is to go, and how to get in. */
  get_mission: { path: { readonly unit_id: string; }; query: { }; body: undefined; answer: Mission };
  /** What a crew's page asks for every few seconds. */
  follow_unit: { path: { readonly unit_id: string; }; query: { }; body: undefined; answer: CrewNews };
  /** The crew says where it stands. */
  report_unit: { path: { readonly unit_id: string; }; query: { }; body: UnitReport; answer: UnitView };
  /** The crew goes on duty, or off. */
  set_unit_duty: { path: { readonly unit_id: string; }; query: { }; body: UnitDuty; answer: UnitView };
  /** Where the unit is. */
  place_unit: { path: { readonly unit_id: string; }; query: { }; body: UnitPosition; answer: UnitView };
  /** Incidents offered to a unit. */
  list_offers: { path: { readonly unit_id: string; }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: OfferList };
  /** The crew takes an offer, or not. */
  answer_offer: { path: { readonly unit_id: string; readonly offer_id: string; }; query: { }; body: OfferAnswer; answer: UnitView };
  /** Incidents of your centre, the newest first. */
  list_incidents: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; readonly open_only?: boolean; }; body: undefined; answer: IncidentList };
  /** One incident. */
  get_incident: { path: { readonly incident_id: string; }; query: { }; body: undefined; answer: IncidentView };
  /** Places that a caller's words may mean. */
  find_places: { path: { }; query: { readonly words: string; readonly community_id?: string | null; }; body: undefined; answer: PlaceList };
  /** A centre has a new unit. */
  create_unit: { path: { readonly centre_id: string; }; query: { }; body: NewUnit; answer: UnitRecord };
  /** One unit, with its hospital and its crew. */
  read_unit: { path: { readonly unit_id: string; }; query: { }; body: undefined; answer: UnitRecord };
  /** Call sign, capabilities and hospital; another hospital begins with no crew. */
  change_unit: { path: { readonly unit_id: string; }; query: { }; body: UnitDetails; answer: UnitRecord };
  /** Takes a unit out of service; not in the middle of a mission. */
  withdraw_unit: { path: { readonly unit_id: string; }; query: { }; body: undefined; answer: UnitRecord };
  /** Brings it back, off duty. */
  reinstate_unit: { path: { readonly unit_id: string; }; query: { }; body: undefined; answer: UnitRecord };
  /** A paramedic of the unit's hospital is of its crew. */
  join_crew: { path: { readonly unit_id: string; readonly person_id: string; }; query: { }; body: undefined; answer: UnitRecord };
  /** They are of its crew no longer. */
  leave_crew: { path: { readonly unit_id: string; readonly person_id: string; }; query: { }; body: undefined; answer: UnitRecord };
  /** Scores a training call that is over, and keeps the sheet. */
  score_training_run: { path: { }; query: { }; body: NewRun; answer: RunDetail };
  /** Training calls, newest first: a trainer's whole centre, a trainee's own. */
  list_training_runs: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; readonly trainee_id?: string | null; readonly scenario_id?: string | null; }; body: undefined; answer: RunPage };
  /** One training call with its sheet, overrules and countersignature. */
  read_training_run: { path: { readonly run_id: string; }; query: { }; body: undefined; answer: RunDetail };
  /** The after-action report as a PDF, with the call's log and the trainee's trend. */
  print_training_run: { path: { readonly run_id: string; }; query: { }; body: undefined; answer: Blob };
  /** A trainer's own judgement with a comment; the sheet stays. */
  overrule_training_run: { path: { readonly run_id: string; }; query: { }; body: Overrule; answer: RunDetail };
  /** The trainee has read the report. */
  countersign_training_run: { path: { readonly run_id: string; }; query: { }; body: Countersign; answer: RunDetail };
  /** Closed real calls against their complaint's protocol: what was asked, when, what was missing. */
  list_reviewed_calls: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: ReviewPage };
  /** The review of one closed call, line by line. */
  review_call: { path: { readonly call_id: string; }; query: { }; body: undefined; answer: Review };
  /** A player says what it can play. */
  introduce_player: { path: { }; query: { }; body: PlayerHello; answer: ScenarioList };
  /** A player that is free takes the next exercise. */
  claim_exercise: { path: { }; query: { }; body: Claim; answer: Claimed };
  /** Scripts that can be played now. */
  list_scenarios: { path: { }; query: { }; body: undefined; answer: ScenarioList };
  /** Operators of your centre. */
  list_trainees: { path: { }; query: { }; body: undefined; answer: TraineeList };
  /** Asks for an exercise; a player rings within seconds. */
  request_exercise: { path: { }; query: { }; body: NewExercise; answer: ExerciseDetail };
  /** Exercises of your centre, the newest first. */
  list_exercises: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: ExercisePage };
  /** One exercise with its injections. */
  read_exercise: { path: { readonly exercise_id: string; }; query: { }; body: undefined; answer: ExerciseDetail };
  /** The exercise's log from a line on, as it grows. */
  follow_exercise: { path: { readonly exercise_id: string; }; query: { readonly after_seq?: number; }; body: undefined; answer: ExerciseLog };
  /** Makes something happen on the line. */
  inject_event: { path: { readonly exercise_id: string; }; query: { }; body: NewInjection; answer: ExerciseDetail };
  /** Ends an exercise: the caller hangs up. */
  stop_exercise: { path: { readonly exercise_id: string; }; query: { }; body: undefined; answer: ExerciseDetail };
  /** A player says where its exercise stands. */
  report_exercise: { path: { readonly exercise_id: string; }; query: { }; body: Progress; answer: ExerciseDetail };
  /** Lets somebody sign protocols for a centre. Nobody appoints themselves. */
  appoint_medical_director: { path: { }; query: { }; body: NewMedicalDirector; answer: MedicalDirector };
  /** Who signs for the centres of the acting role; for everybody else, where they sign themselves. */
  list_medical_directors: { path: { }; query: { readonly limit?: number; readonly cursor?: string | null; readonly centre_id?: string | null; readonly mine?: boolean; }; body: undefined; answer: MedicalDirectors };
  /** They sign no longer; what they signed stays signed. */
  dismiss_medical_director: { path: { readonly director_id: string; }; query: { }; body: undefined; answer: undefined };
  /** The protocols with version and digest, and where each stands in the centre. */
  list_protocols: { path: { readonly centre_id: string; }; query: { readonly limit?: number; readonly cursor?: string | null; }; body: undefined; answer: ProtocolPage };
  /** One protocol in full, as a physician reads it, with the history of its approval. */
  read_protocol: { path: { readonly centre_id: string; readonly protocol_id: string; }; query: { }; body: undefined; answer: ProtocolSheet };
  /** Approves a protocol for the centre, in the version and words that were read. */
  sign_protocol: { path: { readonly centre_id: string; readonly protocol_id: string; }; query: { }; body: SignProtocol; answer: ProtocolLine };
  /** Takes the centre's approval back; consoles mark the protocol at once. */
  withdraw_protocol_approval: { path: { readonly centre_id: string; readonly protocol_id: string; }; query: { }; body: WithdrawApproval; answer: ProtocolLine };
  /** Recorded example calls that a browser can play. */
  list_samples: { path: { }; query: { }; body: undefined; answer: SampleList };
  /** The process runs. */
  health_live: { path: { }; query: { }; body: undefined; answer: HealthReport };
  /** The server can take and journal a call. */
  health_ready: { path: { }; query: { }; body: undefined; answer: HealthReport };
  /** Figures for Prometheus. */
  metrics: { path: { }; query: { }; body: undefined; answer: string };
}

export const OPERATIONS = {
  sign_in: { method: "POST", path: "/v1/auth/sign-in", credential: "none", roles: [], keyed: false, versioned: false, gives: "json" },
  request_code: { method: "POST", path: "/v1/auth/codes", credential: "none", roles: [], keyed: false, versioned: false, gives: "json" },
  redeem_code: { method: "POST", path: "/v1/auth/codes/redeem", credential: "none", roles: [], keyed: false, versioned: false, gives: "json" },
  accept_invitation: { method: "POST", path: "/v1/auth/invitations/accept", credential: "none", roles: [], keyed: false, versioned: false, gives: "json" },
  refresh: { method: "POST", path: "/v1/auth/refresh", credential: "refresh_cookie", roles: [], keyed: false, versioned: false, gives: "json" },
  sign_out: { method: "POST", path: "/v1/auth/sign-out", credential: "refresh_cookie", roles: [], keyed: false, versioned: false, gives: "nothing" },
  onboard_community: { method: "POST", path: "/v1/communities", credential: "bearer", roles: ["super_admin"], keyed: true, versioned: false, gives: "json" },
  list_communities: { method: "GET", path: "/v1/communities", credential: "bearer", roles: ["super_admin", "community_manager", "resident", "hospital_admin", "nurse", "paramedic"], keyed: false, versioned: false, gives: "json" },
  read_community: { method: "GET", path: "/v1/communities/{community_id}", credential: "bearer", roles: ["super_admin", "community_manager", "resident", "hospital_admin", "nurse", "paramedic"], keyed: false, versioned: false, gives: "json" },
  change_community: { method: "PUT", path: "/v1/communities/{community_id}", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: true, gives: "json" },
  suspend_community: { method: "POST", path: "/v1/communities/{community_id}/suspend", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: true, gives: "json" },
  reinstate_community: { method: "POST", path: "/v1/communities/{community_id}/reinstate", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: true, gives: "json" },
  onboard_hospital: { method: "POST", path: "/v1/hospitals", credential: "bearer", roles: ["super_admin"], keyed: true, versioned: false, gives: "json" },
  list_hospitals: { method: "GET", path: "/v1/hospitals", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "resident", "supervisor"], keyed: false, versioned: false, gives: "json" },
  read_hospital: { method: "GET", path: "/v1/hospitals/{hospital_id}", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "resident", "supervisor"], keyed: false, versioned: false, gives: "json" },
  change_hospital: { method: "PUT", path: "/v1/hospitals/{hospital_id}", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: true, gives: "json" },
  suspend_hospital: { method: "POST", path: "/v1/hospitals/{hospital_id}/suspend", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: true, gives: "json" },
  reinstate_hospital: { method: "POST", path: "/v1/hospitals/{hospital_id}/reinstate", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: true, gives: "json" },
  onboard_centre: { method: "POST", path: "/v1/centres", credential: "bearer", roles: ["super_admin"], keyed: true, versioned: false, gives: "json" },
  list_centres: { method: "GET", path: "/v1/centres", credential: "bearer", roles: ["super_admin", "supervisor", "operator", "trainer"], keyed: false, versioned: false, gives: "json" },
  read_centre: { method: "GET", path: "/v1/centres/{centre_id}", credential: "bearer", roles: ["super_admin", "supervisor", "operator", "trainer"], keyed: false, versioned: false, gives: "json" },
  change_centre: { method: "PUT", path: "/v1/centres/{centre_id}", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: true, gives: "json" },
  suspend_centre: { method: "POST", path: "/v1/centres/{centre_id}/suspend", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: true, gives: "json" },
  reinstate_centre: { method: "POST", path: "/v1/centres/{centre_id}/reinstate", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: true, gives: "json" },
  link_hospital: { method: "PUT", path: "/v1/hospitals/{hospital_id}/communities/{community_id}", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "nothing" },
  unlink_hospital: { method: "DELETE", path: "/v1/hospitals/{hospital_id}/communities/{community_id}", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "nothing" },
  link_centre: { method: "PUT", path: "/v1/centres/{centre_id}/communities/{community_id}", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "nothing" },
  unlink_centre: { method: "DELETE", path: "/v1/centres/{centre_id}/communities/{community_id}", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "nothing" },
  list_entries: { method: "GET", path: "/v1/centres/{centre_id}/entries", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "json" },
  open_entry: { method: "PUT", path: "/v1/centres/{centre_id}/entries/{entry_id}", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "nothing" },
  close_entry: { method: "DELETE", path: "/v1/centres/{centre_id}/entries/{entry_id}", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "nothing" },
  who_am_i: { method: "GET", path: "/v1/me", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "resident", "operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "json" },
  list_my_sessions: { method: "GET", path: "/v1/me/sessions", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "resident", "operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "json" },
  end_my_session: { method: "DELETE", path: "/v1/me/sessions/{session_id}", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "resident", "operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "nothing" },
  sign_out_everywhere: { method: "DELETE", path: "/v1/me/sessions", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "resident", "operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "nothing" },
  enrol_second_factor: { method: "POST", path: "/v1/me/second-factor", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "json" },
  confirm_second_factor: { method: "POST", path: "/v1/me/second-factor/confirm", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "nothing" },
  remove_second_factor: { method: "POST", path: "/v1/me/second-factor/remove", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "nothing" },
  list_staff: { method: "GET", path: "/v1/hospitals/{hospital_id}/staff", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic"], keyed: false, versioned: false, gives: "json" },
  read_staff: { method: "GET", path: "/v1/staff/{staff_id}", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic"], keyed: false, versioned: false, gives: "json" },
  suspend_staff: { method: "POST", path: "/v1/staff/{staff_id}/suspend", credential: "bearer", roles: ["super_admin", "hospital_admin"], keyed: false, versioned: true, gives: "json" },
  reinstate_staff: { method: "POST", path: "/v1/staff/{staff_id}/reinstate", credential: "bearer", roles: ["super_admin", "hospital_admin"], keyed: false, versioned: true, gives: "json" },
  register_resident: { method: "POST", path: "/v1/communities/{community_id}/residents", credential: "bearer", roles: ["super_admin", "community_manager"], keyed: true, versioned: false, gives: "json" },
  list_residents: { method: "GET", path: "/v1/communities/{community_id}/residents", credential: "bearer", roles: ["super_admin", "community_manager"], keyed: false, versioned: false, gives: "json" },
  read_resident: { method: "GET", path: "/v1/residents/{resident_id}", credential: "bearer", roles: ["super_admin", "community_manager", "resident"], keyed: false, versioned: false, gives: "json" },
  change_resident: { method: "PUT", path: "/v1/residents/{resident_id}", credential: "bearer", roles: ["super_admin", "community_manager"], keyed: false, versioned: true, gives: "json" },
  suspend_resident: { method: "POST", path: "/v1/residents/{resident_id}/suspend", credential: "bearer", roles: ["super_admin", "community_manager"], keyed: false, versioned: true, gives: "json" },
  reinstate_resident: { method: "POST", path: "/v1/residents/{resident_id}/reinstate", credential: "bearer", roles: ["super_admin", "community_manager"], keyed: false, versioned: true, gives: "json" },
  list_grants: { method: "GET", path: "/v1/grants", credential: "bearer", roles: ["super_admin", "hospital_admin", "supervisor"], keyed: false, versioned: false, gives: "json" },
  grant_role: { method: "POST", path: "/v1/grants", credential: "bearer", roles: ["super_admin", "hospital_admin", "supervisor"], keyed: true, versioned: false, gives: "json" },
  revoke_grant: { method: "DELETE", path: "/v1/grants/{grant_id}", credential: "bearer", roles: ["super_admin", "hospital_admin", "supervisor"], keyed: false, versioned: false, gives: "nothing" },
  invite: { method: "POST", path: "/v1/invitations", credential: "bearer", roles: ["super_admin", "hospital_admin", "supervisor"], keyed: true, versioned: false, gives: "json" },
  list_invitations: { method: "GET", path: "/v1/invitations", credential: "bearer", roles: ["super_admin", "hospital_admin", "supervisor"], keyed: false, versioned: false, gives: "json" },
  read_invitation_link: { method: "GET", path: "/v1/invitations/{invitation_id}/link", credential: "bearer", roles: ["super_admin", "hospital_admin", "supervisor"], keyed: false, versioned: false, gives: "json" },
  withdraw_invitation: { method: "DELETE", path: "/v1/invitations/{invitation_id}", credential: "bearer", roles: ["super_admin", "hospital_admin", "supervisor"], keyed: false, versioned: false, gives: "nothing" },
  list_people: { method: "GET", path: "/v1/people", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "json" },
  list_matches: { method: "GET", path: "/v1/people/matches", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "json" },
  read_person: { method: "GET", path: "/v1/people/{person_id}", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "json" },
  suspend_person: { method: "POST", path: "/v1/people/{person_id}/suspend", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: true, gives: "json" },
  reinstate_person: { method: "POST", path: "/v1/people/{person_id}/reinstate", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: true, gives: "json" },
  merge_people: { method: "POST", path: "/v1/people/{person_id}/merge", credential: "bearer", roles: ["super_admin"], keyed: true, versioned: false, gives: "json" },
  unmerge_person: { method: "POST", path: "/v1/people/{person_id}/unmerge", credential: "bearer", roles: ["super_admin"], keyed: true, versioned: false, gives: "json" },
  list_audit: { method: "GET", path: "/v1/audit", credential: "bearer", roles: ["super_admin", "supervisor", "hospital_admin", "community_manager"], keyed: false, versioned: false, gives: "json" },
  read_record_policy: { method: "GET", path: "/v1/records/policy", credential: "bearer", roles: ["supervisor"], keyed: false, versioned: false, gives: "json" },
  set_record_policy: { method: "PUT", path: "/v1/records/policy", credential: "bearer", roles: ["supervisor"], keyed: false, versioned: true, gives: "json" },
  list_holds: { method: "GET", path: "/v1/records/holds", credential: "bearer", roles: ["supervisor"], keyed: false, versioned: false, gives: "json" },
  place_hold: { method: "POST", path: "/v1/records/holds", credential: "bearer", roles: ["supervisor"], keyed: true, versioned: false, gives: "json" },
  release_hold: { method: "DELETE", path: "/v1/records/holds/{hold_id}", credential: "bearer", roles: ["supervisor"], keyed: false, versioned: true, gives: "nothing" },
  erase_call: { method: "POST", path: "/v1/records/calls/{call_id}/erasure", credential: "bearer", roles: ["supervisor"], keyed: true, versioned: false, gives: "json" },
  read_erasure: { method: "GET", path: "/v1/records/calls/{call_id}/erasure", credential: "bearer", roles: ["supervisor"], keyed: false, versioned: false, gives: "json" },
  export_records: { method: "GET", path: "/v1/records/export", credential: "bearer", roles: ["supervisor"], keyed: false, versioned: false, gives: "json" },
  hear_call: { method: "GET", path: "/v1/calls/{call_id}/sound", credential: "bearer", roles: ["operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "file" },
  list_jobs: { method: "GET", path: "/v1/jobs", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "json" },
  requeue_job: { method: "POST", path: "/v1/jobs/{job_id}/requeue", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "json" },
  list_outbox: { method: "GET", path: "/v1/outbox", credential: "bearer", roles: ["super_admin"], keyed: false, versioned: false, gives: "json" },
  register_device: { method: "POST", path: "/v1/me/devices", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "resident", "operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "json" },
  remove_device: { method: "DELETE", path: "/v1/me/devices/{device_id}", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "resident", "operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "nothing" },
  read_notification_choice: { method: "GET", path: "/v1/me/notifications", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "resident", "operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "json" },
  choose_notifications: { method: "PUT", path: "/v1/me/notifications", credential: "bearer", roles: ["super_admin", "hospital_admin", "nurse", "paramedic", "community_manager", "resident", "operator", "supervisor", "trainer"], keyed: false, versioned: false, gives: "json" },
  ask_report: { method: "POST", path: "/v1/reports", credential: "bearer", roles: ["super_admin", "hospital_admin", "community_manager", "supervisor"], keyed: true, versioned: false, gives: "json" },
  list_reports: { method: "GET", path: "/v1/reports", credential: "bearer", roles: ["super_admin", "hospital_admin", "community_manager", "supervisor"], keyed: false, versioned: false, gives: "json" },
  download_report: { method: "GET", path: "/v1/reports/{report_id}/file", credential: "bearer", roles: ["super_admin", "hospital_admin", "community_manager", "supervisor"], keyed: false, versioned: false, gives: "file" },
  place_pharmacy_order: { method: "POST", path: "/v1/pharmacy-orders", credential: "bearer", roles: ["resident"], keyed: true, versioned: false, gives: "json" },
  list_pharmacy_orders: { method: "GET", path: "/v1/pharmacy-orders", credential: "bearer", roles: ["resident"], keyed: false, versioned: false, gives: "json" },
  cancel_pharmacy_order: { method: "POST", path: "/v1/pharmacy-orders/{order_id}/cancel", credential: "bearer", roles: ["resident"], keyed: false, versioned: false, gives: "nothing" },
  list_service_types: { method: "GET", path: "/v1/service-types", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor", "super_admin"], keyed: false, versioned: false, gives: "json" },
  create_booking: { method: "POST", path: "/v1/bookings", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor"], keyed: true, versioned: false, gives: "json" },
  list_bookings: { method: "GET", path: "/v1/bookings", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor", "super_admin"], keyed: false, versioned: false, gives: "json" },
  read_booking: { method: "GET", path: "/v1/bookings/{booking_id}", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor", "super_admin"], keyed: false, versioned: false, gives: "json" },
  list_booking_events: { method: "GET", path: "/v1/bookings/{booking_id}/events", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor", "super_admin"], keyed: false, versioned: false, gives: "json" },
  read_place_in_line: { method: "GET", path: "/v1/bookings/{booking_id}/place-in-line", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse"], keyed: false, versioned: false, gives: "json" },
  assign_booking: { method: "POST", path: "/v1/bookings/{booking_id}/assign", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor"], keyed: true, versioned: true, gives: "json" },
  unassign_booking: { method: "POST", path: "/v1/bookings/{booking_id}/unassign", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor"], keyed: true, versioned: true, gives: "json" },
  reassign_booking: { method: "POST", path: "/v1/bookings/{booking_id}/reassign", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor"], keyed: true, versioned: true, gives: "json" },
  depart_booking: { method: "POST", path: "/v1/bookings/{booking_id}/depart", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor"], keyed: true, versioned: true, gives: "json" },
  start_booking: { method: "POST", path: "/v1/bookings/{booking_id}/start", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor"], keyed: true, versioned: true, gives: "json" },
  complete_booking: { method: "POST", path: "/v1/bookings/{booking_id}/complete", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor"], keyed: true, versioned: true, gives: "json" },
  no_show_booking: { method: "POST", path: "/v1/bookings/{booking_id}/no-show", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor"], keyed: true, versioned: true, gives: "json" },
  cancel_booking: { method: "POST", path: "/v1/bookings/{booking_id}/cancel", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor"], keyed: true, versioned: true, gives: "json" },
  reschedule_booking: { method: "POST", path: "/v1/bookings/{booking_id}/reschedule", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse", "paramedic", "operator", "supervisor"], keyed: true, versioned: true, gives: "json" },
  list_calendars: { method: "GET", path: "/v1/calendars", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse"], keyed: false, versioned: false, gives: "json" },
  put_calendar: { method: "PUT", path: "/v1/calendars/{calendar_id}", credential: "bearer", roles: ["hospital_admin"], keyed: false, versioned: false, gives: "json" },
  list_free_slots: { method: "GET", path: "/v1/calendars/{calendar_id}/free-slots", credential: "bearer", roles: ["resident", "community_manager", "hospital_admin", "nurse"], keyed: false, versioned: false, gives: "json" },
  list_waiting: { method: "GET", path: "/v1/calendars/{calendar_id}/waiting", credential: "bearer", roles: ["community_manager", "hospital_admin", "nurse"], keyed: false, versioned: false, gives: "json" },
  list_units: { method: "GET", path: "/v1/units", credential: "bearer", roles: ["paramedic", "operator", "supervisor", "hospital_admin"], keyed: false, versioned: false, gives: "json" },
  get_mission: { method: "GET", path: "/v1/units/{unit_id}/mission", credential: "bearer", roles: ["paramedic", "operator", "supervisor"], keyed: false, versioned: false, gives: "json" },
  follow_unit: { method: "GET", path: "/v1/units/{unit_id}/news", credential: "bearer", roles: ["paramedic", "operator", "supervisor"], keyed: false, versioned: false, gives: "json" },
  report_unit: { method: "POST", path: "/v1/units/{unit_id}/state", credential: "bearer", roles: ["paramedic", "operator", "supervisor"], keyed: true, versioned: false, gives: "json" },
  set_unit_duty: { method: "POST", path: "/v1/units/{unit_id}/duty", credential: "bearer", roles: ["paramedic", "operator", "supervisor"], keyed: true, versioned: false, gives: "json" },
  place_unit: { method: "PUT", path: "/v1/units/{unit_id}/position", credential: "bearer", roles: ["paramedic", "operator", "supervisor"], keyed: false, versioned: false, gives: "json" },
  list_offers: { method: "GET", path: "/v1/units/{unit_id}/offers", credential: "bearer", roles: ["paramedic", "operator", "supervisor"], keyed: false, versioned: false, gives: "json" },
  answer_offer: { method: "POST", path: "/v1/units/{unit_id}/offers/{offer_id}", credential: "bearer", roles: ["paramedic", "operator", "supervisor"], keyed: true, versioned: false, gives: "json" },
  list_incidents: { method: "GET", path: "/v1/incidents", credential: "bearer", roles: ["operator", "supervisor"], keyed: false, versioned: false, gives: "json" },
  get_incident: { method: "GET", path: "/v1/incidents/{incident_id}", credential: "bearer", roles: ["operator", "supervisor", "paramedic"], keyed: false, versioned: false, gives: "json" },
  find_places: { method: "GET", path: "/v1/places", credential: "bearer", roles: ["operator", "supervisor"], keyed: false, versioned: false, gives: "json" },
  create_unit: { method: "POST", path: "/v1/centres/{centre_id}/units", credential: "bearer", roles: ["supervisor"], keyed: true, versioned: false, gives: "json" },
  read_unit: { method: "GET", path: "/v1/units/{unit_id}", credential: "bearer", roles: ["supervisor", "hospital_admin"], keyed: false, versioned: false, gives: "json" },
  change_unit: { method: "PUT", path: "/v1/units/{unit_id}", credential: "bearer", roles: ["supervisor"], keyed: false, versioned: true, gives: "json" },
  withdraw_unit: { method: "POST", path: "/v1/units/{unit_id}/withdraw", credential: "bearer", roles: ["supervisor"], keyed: false, versioned: true, gives: "json" },
  reinstate_unit: { method: "POST", path: "/v1/units/{unit_id}/reinstate", credential: "bearer", roles: ["supervisor"], keyed: false, versioned: true, gives: "json" },
  join_crew: { method: "PUT", path: "/v1/units/{unit_id}/crew/{person_id}", credential: "bearer", roles: ["hospital_admin"], keyed: false, versioned: false, gives: "json" },
  leave_crew: { method: "DELETE", path: "/v1/units/{unit_id}/crew/{person_id}", credential: "bearer", roles: ["hospital_admin"], keyed: false, versioned: false, gives: "json" },
  score_training_run: { method: "POST", path: "/v1/training/runs", credential: "bearer", roles: ["trainer"], keyed: true, versioned: false, gives: "json" },
  list_training_runs: { method: "GET", path: "/v1/training/runs", credential: "bearer", roles: ["trainer", "operator"], keyed: false, versioned: false, gives: "json" },
  read_training_run: { method: "GET", path: "/v1/training/runs/{run_id}", credential: "bearer", roles: ["trainer", "operator"], keyed: false, versioned: false, gives: "json" },
  print_training_run: { method: "GET", path: "/v1/training/runs/{run_id}/report", credential: "bearer", roles: ["trainer", "operator"], keyed: false, versioned: false, gives: "file" },
  overrule_training_run: { method: "POST", path: "/v1/training/runs/{run_id}/overrules", credential: "bearer", roles: ["trainer"], keyed: true, versioned: false, gives: "json" },
  countersign_training_run: { method: "POST", path: "/v1/training/runs/{run_id}/countersignature", credential: "bearer", roles: ["operator"], keyed: true, versioned: false, gives: "json" },
  list_reviewed_calls: { method: "GET", path: "/v1/quality/calls", credential: "bearer", roles: ["supervisor"], keyed: false, versioned: false, gives: "json" },
  review_call: { method: "GET", path: "/v1/quality/calls/{call_id}", credential: "bearer", roles: ["supervisor"], keyed: false, versioned: false, gives: "json" },
  introduce_player: { method: "PUT", path: "/v1/training/player", credential: "bearer", roles: ["trainer"], keyed: false, versioned: false, gives: "json" },
  claim_exercise: { method: "POST", path: "/v1/training/player/claim", credential: "bearer", roles: ["trainer"], keyed: false, versioned: false, gives: "json" },
  list_scenarios: { method: "GET", path: "/v1/training/scenarios", credential: "bearer", roles: ["trainer"], keyed: false, versioned: false, gives: "json" },
  list_trainees: { method: "GET", path: "/v1/training/trainees", credential: "bearer", roles: ["trainer"], keyed: false, versioned: false, gives: "json" },
  request_exercise: { method: "POST", path: "/v1/training/exercises", credential: "bearer", roles: ["trainer"], keyed: true, versioned: false, gives: "json" },
  list_exercises: { method: "GET", path: "/v1/training/exercises", credential: "bearer", roles: ["trainer"], keyed: false, versioned: false, gives: "json" },
  read_exercise: { method: "GET", path: "/v1/training/exercises/{exercise_id}", credential: "bearer", roles: ["trainer"], keyed: false, versioned: false, gives: "json" },
  follow_exercise: { method: "GET", path: "/v1/training/exercises/{exercise_id}/log", credential: "bearer", roles: ["trainer"], keyed: false, versioned: false, gives: "json" },
  inject_event: { method: "POST", path: "/v1/training/exercises/{exercise_id}/injections", credential: "bearer", roles: ["trainer"], keyed: true, versioned: false, gives: "json" },
  stop_exercise: { method: "POST", path: "/v1/training/exercises/{exercise_id}/stop", credential: "bearer", roles: ["trainer"], keyed: true, versioned: false, gives: "json" },
  report_exercise: { method: "PUT", path: "/v1/training/exercises/{exercise_id}/progress", credential: "bearer", roles: ["trainer"], keyed: false, versioned: false, gives: "json" },
  appoint_medical_director: { method: "POST", path: "/v1/medical-directors", credential: "bearer", roles: ["super_admin", "supervisor"], keyed: true, versioned: false, gives: "json" },
  list_medical_directors: { method: "GET", path: "/v1/medical-directors", credential: "bearer", roles: ["super_admin", "supervisor", "operator", "trainer", "hospital_admin", "nurse", "paramedic"], keyed: false, versioned: false, gives: "json" },
  dismiss_medical_director: { method: "DELETE", path: "/v1/medical-directors/{director_id}", credential: "bearer", roles: ["super_admin", "supervisor"], keyed: false, versioned: false, gives: "nothing" },
  list_protocols: { method: "GET", path: "/v1/centres/{centre_id}/protocols", credential: "bearer", roles: ["supervisor", "operator", "trainer", "hospital_admin", "nurse", "paramedic"], keyed: false, versioned: false, gives: "json" },
  read_protocol: { method: "GET", path: "/v1/centres/{centre_id}/protocols/{protocol_id}", credential: "bearer", roles: ["supervisor", "operator", "trainer", "hospital_admin", "nurse", "paramedic"], keyed: false, versioned: false, gives: "json" },
  sign_protocol: { method: "POST", path: "/v1/centres/{centre_id}/protocols/{protocol_id}/signatures", credential: "bearer", roles: ["supervisor", "operator", "trainer", "hospital_admin", "nurse", "paramedic"], keyed: true, versioned: false, gives: "json" },
  withdraw_protocol_approval: { method: "POST", path: "/v1/centres/{centre_id}/protocols/{protocol_id}/withdrawals", credential: "bearer", roles: ["supervisor", "operator", "trainer", "hospital_admin", "nurse", "paramedic"], keyed: true, versioned: false, gives: "json" },
  list_samples: { method: "GET", path: "/v1/samples", credential: "none", roles: [], keyed: false, versioned: false, gives: "json" },
  health_live: { method: "GET", path: "/health/live", credential: "none", roles: [], keyed: false, versioned: false, gives: "json" },
  health_ready: { method: "GET", path: "/health/ready", credential: "none", roles: [], keyed: false, versioned: false, gives: "json" },
  metrics: { method: "GET", path: "/metrics", credential: "none", roles: [], keyed: false, versioned: false, gives: "text" },
} as const satisfies Record<keyof Operations, Operation>;
