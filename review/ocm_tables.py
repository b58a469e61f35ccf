"""The keywords of an Orbit Comprehensive Message: CCSDS 502.0-B-3, tables 6-2 to 6-12, in their order.

A line is a keyword, its status (M mandatory, D mandatory with a default that stands where it is left out, C mandatory
where another keyword says so, O optional), the form of its value, and its unit if it has one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keyword:
    """One line of a table of the standard.

    ``form`` is 'text', 'number', 'integer', 'epoch' (a date), 'time' (a date, or seconds after EPOCH_TZERO), 'vector'
    (three numbers), 'units' (a list in brackets), 'list' (words between commas), or the words that are allowed with '|'
    between them.
    """

    name: str
    status: str
    form: str
    unit: str = ""


def _table(text: str) -> tuple[Keyword, ...]:
    return tuple(Keyword(*line.split()) for line in text.strip().splitlines())


HEADER = _table("""
CCSDS_OCM_VERS M 3.0
CLASSIFICATION O text
CREATION_DATE M epoch
ORIGINATOR M text
MESSAGE_ID O text
""")

META = _table("""
OBJECT_NAME O text
INTERNATIONAL_DESIGNATOR O text
CATALOG_NAME O text
OBJECT_DESIGNATOR O text
ALTERNATE_NAMES O text
ORIGINATOR_POC O text
ORIGINATOR_POSITION O text
ORIGINATOR_PHONE O text
ORIGINATOR_EMAIL O text
ORIGINATOR_ADDRESS O text
TECH_ORG O text
TECH_POC O text
TECH_POSITION O text
TECH_PHONE O text
TECH_EMAIL O text
TECH_ADDRESS O text
PREVIOUS_MESSAGE_ID O text
NEXT_MESSAGE_ID O text
ADM_MSG_LINK O text
CDM_MSG_LINK O text
PRM_MSG_LINK O text
RDM_MSG_LINK O text
TDM_MSG_LINK O text
OPERATOR O text
OWNER O text
COUNTRY O text
CONSTELLATION O text
OBJECT_TYPE O text
TIME_SYSTEM D text
EPOCH_TZERO M epoch
OPS_STATUS O text
ORBIT_CATEGORY O text
OCM_DATA_ELEMENTS O list
SCLK_OFFSET_AT_EPOCH D number s
SCLK_SEC_PER_SI_SEC D number s
PREVIOUS_MESSAGE_EPOCH O epoch
NEXT_MESSAGE_EPOCH O epoch
START_TIME O time
STOP_TIME O time
TIME_SPAN O number d
TAIMUTC_AT_TZERO O number s
NEXT_LEAP_EPOCH O epoch
NEXT_LEAP_TAIMUTC C number s
UT1MUTC_AT_TZERO O number s
EOP_SOURCE O text
INTERP_METHOD_EOP O text
CELESTIAL_SOURCE O text
""")

TRAJ = _table("""
TRAJ_ID O text
TRAJ_PREV_ID O text
TRAJ_NEXT_ID O text
TRAJ_BASIS O text
TRAJ_BASIS_ID O text
INTERPOLATION O text
INTERPOLATION_DEGREE D integer
PROPAGATOR O text
CENTER_NAME D text
TRAJ_REF_FRAME D text
TRAJ_FRAME_EPOCH D epoch
USEABLE_START_TIME O time
USEABLE_STOP_TIME O time
ORB_REVNUM O integer
ORB_REVNUM_BASIS D 0|1
TRAJ_TYPE D text
ORB_AVERAGING D text
TRAJ_UNITS O units
""")

PHYS = _table("""
MANUFACTURER O text
BUS_MODEL O text
DOCKED_WITH O text
DRAG_CONST_AREA O number m**2
DRAG_COEFF_NOM O number
DRAG_UNCERTAINTY O number %
INITIAL_WET_MASS O number kg
WET_MASS O number kg
DRY_MASS O number kg
OEB_PARENT_FRAME D text
OEB_PARENT_FRAME_EPOCH D epoch
OEB_Q1 O number
OEB_Q2 O number
OEB_Q3 O number
OEB_QC O number
OEB_MAX O number m
OEB_INT O number m
OEB_MIN O number m
AREA_ALONG_OEB_MAX O number m**2
AREA_ALONG_OEB_INT O number m**2
AREA_ALONG_OEB_MIN O number m**2
AREA_MIN_FOR_PC O number m**2
AREA_MAX_FOR_PC O number m**2
AREA_TYP_FOR_PC O number m**2
RCS O number m**2
RCS_MIN O number m**2
RCS_MAX O number m**2
SRP_CONST_AREA O number m**2
SOLAR_RAD_COEFF O number
SOLAR_RAD_UNCERTAINTY O number %
VM_ABSOLUTE O number
VM_APPARENT_MIN O number
VM_APPARENT O number
VM_APPARENT_MAX O number
REFLECTANCE O number
ATT_CONTROL_MODE O text
ATT_ACTUATOR_TYPE O text
ATT_KNOWLEDGE O number deg
ATT_CONTROL O number deg
ATT_POINTING O number deg
AVG_MANEUVER_FREQ O number #/yr
MAX_THRUST O number N
DV_BOL O number km/s
DV_REMAINING O number km/s
IXX O number kg*m**2
IYY O number kg*m**2
IZZ O number kg*m**2
IXY O number kg*m**2
IXZ O number kg*m**2
IYZ O number kg*m**2
""")

COV = _table("""
COV_ID O text
COV_PREV_ID O text
COV_NEXT_ID O text
COV_BASIS O text
COV_BASIS_ID O text
COV_REF_FRAME D text
COV_FRAME_EPOCH D epoch
COV_SCALE_MIN O number
COV_SCALE_MAX O number
COV_CONFIDENCE O number %
COV_TYPE D text
COV_ORDERING D LTM|UTM|FULL|LTMWCC|UTMWCC
COV_UNITS O units
""")

MAN = _table("""
MAN_ID M text
MAN_PREV_ID O text
MAN_NEXT_ID O text
MAN_BASIS O CANDIDATE|PLANNED|ANTICIPATED|TELEMETRY|DETERMINED|SIMULATED|OTHER
MAN_BASIS_ID O text
MAN_DEVICE_ID M text
MAN_PREV_EPOCH O time
MAN_NEXT_EPOCH O time
MAN_PURPOSE O text
MAN_PRED_SOURCE O text
MAN_REF_FRAME D text
MAN_FRAME_EPOCH C epoch
GRAV_ASSIST_NAME O text
DC_TYPE D CONTINUOUS|TIME|TIME_AND_ANGLE
DC_WIN_OPEN C time
DC_WIN_CLOSE C time
DC_MIN_CYCLES O integer
DC_MAX_CYCLES O integer
DC_EXEC_START C time
DC_EXEC_STOP C time
DC_REF_TIME C time
DC_TIME_PULSE_DURATION C number s
DC_TIME_PULSE_PERIOD C number s
DC_REF_DIR C vector
DC_BODY_FRAME C text
DC_BODY_TRIGGER C vector
DC_PA_START_ANGLE C number deg
DC_PA_STOP_ANGLE C number deg
MAN_COMPOSITION M list
MAN_UNITS O units
""")

PERT = _table("""
ATMOSPHERIC_MODEL O text
GRAVITY_MODEL O text
EQUATORIAL_RADIUS O number km
GM O number km**3/s**2
N_BODY_PERTURBATIONS O list
CENTRAL_BODY_ROTATION O number deg/s
OBLATE_FLATTENING O number
OCEAN_TIDES_MODEL O text
SOLID_TIDES_MODEL O text
REDUCTION_THEORY O text
ALBEDO_MODEL O text
ALBEDO_GRID_SIZE O integer
SHADOW_MODEL O NONE|CYLINDRICAL|CONE|DUAL_CONE
SHADOW_BODIES O list
SRP_MODEL O text
SW_DATA_SOURCE O text
SW_DATA_EPOCH O epoch
SW_INTERP_METHOD O text
FIXED_GEOMAG_KP O number nT
FIXED_GEOMAG_AP O number nT
FIXED_GEOMAG_DST O number nT
FIXED_F10P7 O number SFU
FIXED_F10P7_MEAN O number SFU
FIXED_M10P7 O number SFU
FIXED_M10P7_MEAN O number SFU
FIXED_S10P7 O number SFU
FIXED_S10P7_MEAN O number SFU
FIXED_Y10P7 O number SFU
FIXED_Y10P7_MEAN O number SFU
""")

OD = _table("""
OD_ID M text
OD_PREV_ID O text
OD_METHOD M text
OD_EPOCH M time
DAYS_SINCE_FIRST_OBS O number d
DAYS_SINCE_LAST_OBS O number d
RECOMMENDED_OD_SPAN O number d
ACTUAL_OD_SPAN O number d
OBS_AVAILABLE O integer
OBS_USED O integer
TRACKS_AVAILABLE O integer
TRACKS_USED O integer
MAXIMUM_OBS_GAP O number d
OD_EPOCH_EIGMAJ O number m
OD_EPOCH_EIGINT O number m
OD_EPOCH_EIGMIN O number m
OD_MAX_PRED_EIGMAJ O number m
OD_MIN_PRED_EIGMIN O number m
OD_CONFIDENCE O number %
GDOP O number
SOLVE_N O integer
SOLVE_STATES O text
CONSIDER_N O integer
CONSIDER_PARAMS O text
SEDR O number W/kg
SENSORS_N O integer
SENSORS O text
WEIGHTED_RMS O number
DATA_TYPES O text
""")

USER_PREFIX = "USER_DEFINED_"

# In the order of table 6-1; the header has no name and no delimiters.
SECTIONS: dict[str, tuple[Keyword, ...]] = {
    "": HEADER,
    "META": META,
    "TRAJ": TRAJ,
    "PHYS": PHYS,
    "COV": COV,
    "MAN": MAN,
    "PERT": PERT,
    "OD": OD,
    "USER": (),
}
REPEATED = ("TRAJ", "COV", "MAN")
ELEMENTS = {"TRAJ": "ORB"}  # how OCM_DATA_ELEMENTS calls a section, where otherwise
TABLES = {"": "6-2", "META": "6-3", "TRAJ": "6-4", "PHYS": "6-5", "COV": "6-6", "MAN": "6-7"} | {
    "PERT": "6-10",
    "OD": "6-11",
    "USER": "6-12",
}

# Tables 6-8 and 6-9: what a line of a maneuver's time history may hold, in this order.
PROPULSIVE = _table("""
TIME_ABSOLUTE O epoch
TIME_RELATIVE O number s
MAN_DURA O number s
DELTA_MASS O number kg
ACC_X O number km/s**2
ACC_Y O number km/s**2
ACC_Z O number km/s**2
ACC_INTERP O OFF|ON
ACC_MAG_SIGMA O number %
ACC_DIR_SIGMA O number deg
DV_X O number km/s
DV_Y O number km/s
DV_Z O number km/s
DV_MAG_SIGMA O number %
DV_DIR_SIGMA O number deg
THR_X O number N
THR_Y O number N
THR_Z O number N
THR_EFFIC O number
THR_INTERP O OFF|ON
THR_ISP O number s
THR_MAG_SIGMA O number %
THR_DIR_SIGMA O number deg
""")
DEPLOYMENT = _table("""
TIME_ABSOLUTE O epoch
TIME_RELATIVE O number s
DEPLOY_ID O text
DEPLOY_DV_X O number km/s
DEPLOY_DV_Y O number km/s
DEPLOY_DV_Z O number km/s
DEPLOY_MASS O number kg
DEPLOY_DV_SIGMA O number %
DEPLOY_DIR_SIGMA O number deg
DEPLOY_DV_RATIO O number
DEPLOY_DV_CDA O number m**2
""")
TIME_TAGS = ("TIME_ABSOLUTE", "TIME_RELATIVE")

# Keywords that another one calls for: (section, keyword, its values, or None for any, and what must then be there).
_PULSES = (
    "DC_WIN_OPEN",
    "DC_WIN_CLOSE",
    "DC_EXEC_START",
    "DC_EXEC_STOP",
    "DC_REF_TIME",
    "DC_TIME_PULSE_DURATION",
    "DC_TIME_PULSE_PERIOD",
)
_ANGLES = ("DC_REF_DIR", "DC_BODY_FRAME", "DC_BODY_TRIGGER", "DC_PA_START_ANGLE", "DC_PA_STOP_ANGLE")
CALLED_FOR: tuple[tuple[str, str, tuple[str, ...] | None, tuple[str, ...]], ...] = (
    ("META", "NEXT_LEAP_EPOCH", None, ("NEXT_LEAP_TAIMUTC",)),
    ("MAN", "DC_TYPE", ("TIME", "TIME_AND_ANGLE"), _PULSES),
    ("MAN", "DC_TYPE", ("TIME_AND_ANGLE",), _ANGLES),
)
